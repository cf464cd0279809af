"""What share of a training's time goes into TensorBoard, as a Markdown table.

    python -m scripts.phantom data/phantom && python -m scripts.prepare rsna data/phantom
    python -m benchmarks.tensorboard --image_size 96 --batch_size 16 --max_epochs 4

It takes the values at the top of configs/train.json; checkpoints and logs go into a folder that is removed.
"""

import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from monai.bundle import ConfigParser
from monai.handlers import TensorBoardStatsHandler

from bundle.command import run_command
from bundle.handlers import EpochScalars, TensorBoardRun, TrainingImages, ValidationPictures

ROOT = Path(__file__).parents[1]
PARTS = (
    (TensorBoardRun, "__call__", "start of the run"),
    (TrainingImages, "__call__", "training images"),
    (TensorBoardStatsHandler, "iteration_completed", "loss of an iteration"),
    (EpochScalars, "__call__", "scalars of an epoch"),
    (ValidationPictures, "draw", "pictures of a best model"),
)


def timed(method: Callable[..., Any], seconds: list[float]) -> Callable[..., Any]:
    def run(*arguments: Any) -> None:
        began = time.perf_counter()
        method(*arguments)
        seconds.append(time.perf_counter() - began)

    return run


def main(**values: Any) -> None:
    """Train and print the table.

    Args:
        values: for keys at the top of configs/train.json.
    """
    parser = ConfigParser()
    parser.read_config(ROOT / "configs" / "train.json")
    spent: dict[str, list[float]] = defaultdict(list)
    with TemporaryDirectory() as folder:
        parser.update({"bundle_root": str(ROOT), "output_dir": folder, "ckpt_dir": folder, **values})
        for owner, name, part in PARTS:
            patch.object(owner, name, timed(getattr(owner, name), spent[part])).start()
        trainer = parser.get_parsed_content("train#trainer")
        began = time.perf_counter()
        trainer.run()
        whole = time.perf_counter() - began
    print("| part | times | seconds each | share of the training |\n| --- | --- | --- | --- |")
    for part, seconds in spent.items():
        mean = sum(seconds) / max(len(seconds), 1)
        print(f"| {part} | {len(seconds)} | {mean:.4f} | {sum(seconds) / whole:.2%} |")
    print(f"| all | | | {sum(map(sum, spent.values())) / whole:.2%} of {whole:.0f} s |")


if __name__ == "__main__":
    run_command(main)
