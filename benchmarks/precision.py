"""Training step of SE-ResNet50 in bfloat16 against the same step in float32, on this machine's CPU.

python -m benchmarks.precision
"""

import time

import fire
import torch
from monai.inferers import SimpleInferer
from monai.networks.nets import SEResNet50

from bundle.engines import CpuBFloat16Inferer
from bundle.losses import HemorrhageLoss
from bundle.networks import HemorrhageClassifier


def main(image_size: int = 128, batch_size: int = 32, steps: int = 4) -> None:
    """Print images a second of both, interleaved, and their ratio.

    Args:
        image_size: side of the network's input.
        batch_size: images a step.
        steps: of each kind; the fastest counts.
    """
    torch.manual_seed(0)
    network = HemorrhageClassifier(SEResNet50(spatial_dims=2, in_channels=3, num_classes=1), num_classes=6)
    optimizer = torch.optim.Adam(network.parameters())
    loss = HemorrhageLoss("subtype")
    images, labels = torch.rand(batch_size, 3, image_size, image_size), torch.zeros(batch_size, 6)
    inferers = {"float32": SimpleInferer(), "bfloat16": CpuBFloat16Inferer()}
    seconds: dict[str, list[float]] = {name: [] for name in inferers}
    for _ in range(steps):
        for name, inferer in inferers.items():
            start = time.perf_counter()
            optimizer.zero_grad()
            loss(inferer(images, network), labels).backward()
            optimizer.step()
            seconds[name].append(time.perf_counter() - start)
    rates = {name: batch_size / min(times) for name, times in seconds.items()}
    for name, rate in rates.items():
        print(f"{name:9} {rate:6.1f} images/s")
    print(f"ratio     {rates['bfloat16'] / rates['float32']:6.2f}")


if __name__ == "__main__":
    fire.Fire(main)
