"""`run training` against a bare PyTorch loop with the same network, batch and precision on ready tensors.

    python -m benchmarks.training_loop
    python -m benchmarks.training_loop --image_size 224 --batch_size 32 --augment false

The bundle's training is that of configs/train.json as it stands: batches from the cache, augmentation, loss, handlers,
TensorBoard. After each of its iterations follows one of the bare loop, which takes one batch of random tensors over
and over, so that what else a shared machine does meets both. What is done once an epoch (validation, checkpoint,
table) is not counted.
"""

import time
from copy import deepcopy
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


class BareLoop:
    """Iterations of a loop that has nothing but the network, the loss and the optimizer."""

    def __init__(self, network: torch.nn.Module, parser: ConfigParser) -> None:
        self.device = parser.get_parsed_content("device")
        self.network = deepcopy(network).train()
        self.optimizer = torch.optim.Adam(self.network.parameters(), weight_decay=parser["weight_decay"])
        self.loss = HemorrhageLoss(parser["task"])
        size = parser["image_size"]
        self.images = torch.rand(parser["batch_size"], len(parser["windows"]), size, size, device=self.device)
        self.labels = torch.zeros(len(self.images), 6, device=self.device)
        self.autocast = torch.autocast(self.device.type, enabled=parser.get_parsed_content("train#trainer#amp"))

    def __call__(self) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        with self.autocast:
            loss = self.loss(self.network(self.images), self.labels)
        loss.backward()
        self.optimizer.step()


class Alternate:
    """Time each iteration of a trainer, and one of the bare loop after it."""

    def __init__(self, bare: BareLoop) -> None:
        self.bare = bare
        self.began = 0.0
        self.seconds: list[tuple[float, float]] = []

    def start(self, engine: Engine) -> None:
        self.began = self.now()

    def stop(self, engine: Engine) -> None:
        ended = self.now()
        if len(engine.state.batch["image"]) == len(self.bare.images):
            self.bare()
            self.seconds.append((ended - self.began, self.now() - ended))

    def now(self) -> float:
        if self.bare.device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()


def main(patients: int = 20, epochs: int = 3, image_size: int = 128, batch_size: int = 16, **values: Any) -> None:
    """Print images a second of both, and their ratio.

    Args:
        patients: of the phantom set, 10 slices each.
        epochs: the iterations of the first are not counted.
        image_size: side of the network's input.
        batch_size: images a step.
        values: for keys at the top of configs/train.json.
    """
    with TemporaryDirectory() as folder:
        write_phantoms(folder, Manifest(patients=patients, size=256))
        write_datalist(f"{folder}/datalist.json", build_datalists(read_rsna(folder), Path(folder))[0])
        parser = ConfigParser()
        parser.read_config(ROOT / "configs" / "train.json")
        places = {"bundle_root": str(ROOT), "dataset_dir": folder, "output_dir": folder, "ckpt_dir": folder}
        parser.update({**places, "max_epochs": epochs, "image_size": image_size, "batch_size": batch_size, **values})
        trainer = parser.get_parsed_content("train#trainer")
        alternate = Alternate(BareLoop(parser.get_parsed_content("network"), parser))
        trainer.add_event_handler(Events.GET_BATCH_STARTED, alternate.start)
        trainer.add_event_handler(Events.ITERATION_COMPLETED, alternate.stop)
        trainer.run()
    counted = alternate.seconds[len(alternate.seconds) // epochs :]
    ours, bare = (median(times) for times in zip(*counted, strict=True))
    print(f"run training {batch_size / ours:7.1f} images/s")
    print(f"bare loop    {batch_size / bare:7.1f} images/s")
    print(f"ratio        {median(bare / ours for ours, bare in counted):7.3f}, median of {len(counted)} pairs")


if __name__ == "__main__":
    run_command(main)
