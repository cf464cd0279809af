"""`run training` against a bare PyTorch loop with the same network, batch and precision on ready tensors.

    python -m benchmarks.training_loop
    python -m benchmarks.training_loop --image_size 224 --batch_size 32 --augment false

The bundle's training is that of configs/train.json as it stands, with cache, augmentation, loss, handlers, checkpoints
and TensorBoard; validation is not counted. The bare loop takes one batch of random tensors over and over. Both are
timed epoch by epoch in turn, and the median ratio of neighbours is told, because machines are shared.
"""

import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import torch
from ignite.engine import Engine, Events
from monai.bundle import ConfigParser

from bundle.command import run_command
from bundle.datalist import build_datalists, write_datalist
from bundle.losses import HemorrhageLoss
from bundle.phantom import Manifest, write_phantoms
from bundle.sources import read_rsna

ROOT = Path(__file__).parents[1]


def bare_rate(network: torch.nn.Module, parser: ConfigParser, iterations: int) -> float:
    """Return the images a second of a bare loop."""
    device, batch = parser.get_parsed_content("device"), parser["batch_size"]
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-6)
    loss = HemorrhageLoss(parser["task"]).to(device)
    images = torch.rand(batch, len(parser["windows"]), parser["image_size"], parser["image_size"], device=device)
    labels = torch.zeros(batch, 6, device=device)
    autocast = torch.autocast(device.type, enabled=parser.get_parsed_content("amp"))
    network.train()
    began = time.perf_counter()
    for _ in range(iterations):
        optimizer.zero_grad(set_to_none=True)
        with autocast:
            value = loss(network(images), labels)
        value.backward()
        optimizer.step()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return iterations * batch / (time.perf_counter() - began)


def main(patients: int = 20, epochs: int = 5, image_size: int = 128, batch_size: int = 16, **values: Any) -> None:
    """Print images a second of both, and their ratio.

    Args:
        patients: of the phantom set, 10 slices each.
        epochs: after a first one that is not counted.
        image_size: side of the network's input.
        batch_size: images a step.
        values: for keys at the top of configs/train.json.
    """
    with TemporaryDirectory() as folder:
        write_phantoms(folder, Manifest(patients=patients, size=256))
        write_datalist(f"{folder}/datalist.json", build_datalists(read_rsna(folder), folder)[0])
        parser = ConfigParser()
        parser.read_config(ROOT / "configs" / "train.json")
        places = {"bundle_root": str(ROOT), "dataset_dir": folder, "output_dir": folder, "ckpt_dir": folder}
        parser.update(
            {**places, "max_epochs": epochs + 1, "image_size": image_size, "batch_size": batch_size, **values}
        )
        trainer, network = (parser.get_parsed_content(name) for name in ("train#trainer", "network"))
        history = parser.get_parsed_content("train#history")
        ratios: list[float] = []

        def alternate(engine: Engine) -> None:
            ours = history.rows[-1]["images_per_second"]
            kept = {name: value.clone() for name, value in network.state_dict().items()}
            bare = bare_rate(network, parser, engine.state.epoch_length)
            network.load_state_dict(kept)
            if engine.state.epoch > 1:
                ratios.append(ours / bare)
                print(f"run training {ours:7.1f} images/s   bare loop {bare:7.1f} images/s   ratio {ratios[-1]:.3f}")

        trainer.add_event_handler(Events.EPOCH_COMPLETED, alternate)
        trainer.run()
    print(f"median ratio {median(ratios):.3f}")


if __name__ == "__main__":
    run_command(main)
