"""How fast slices are prepared for the network, against references in the same run, on the same cores.

    python -m benchmarks.preprocessing                      # on 384 phantom slices of 512 × 512
    python -m benchmarks.preprocessing --folder DICOM_FOLDER

The first epoch (decode, brain mask, crop, window, resize, cache) against a bare `pydicom.dcmread(…).pixel_array` and a
forward pass of the mask network over batches of ready inputs, in as many processes. Later epochs, with the
deterministic part from the cache, through a DataLoader of one worker and `PrepareUnitRange`, against the preprocessing
of the Model Zoo's
`endoscopic_inbody_classification` (LoadImaged, EnsureChannelFirstd, Resized, CastToTyped, NormalizeIntensityd and
EnsureTyped), likewise. Each figure is the best of some rounds, taken in turn, because machines are shared.
"""

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import torch
from monai.bundle import ConfigParser
from monai.data import DataLoader, Dataset
from monai.transforms import (
    CastToTyped,
    Compose,
    EnsureChannelFirstd,
    EnsureTyped,
    LoadImaged,
    NormalizeIntensityd,
    Resized,
)

from bundle.caching import CachedDataset
from bundle.caching.prepare import prepare_all
from bundle.command import run_command
from bundle.engines import PrepareUnitRange
from bundle.phantom import Manifest, write_phantoms
from bundle.transforms import BrainMaskd
from bundle.transforms.brain_mask import BATCH, INPUT_SIZE

ROOT = Path(__file__).parents[1]
SIZE = 256


class DecodeAndPredict:
    """The reference of the first epoch, as a transform of one row or of a batch."""

    def __init__(self, network: torch.nn.Module) -> None:
        self.network = network.eval()

    def batch(self, samples: list[dict[str, str]]) -> list[dict[str, np.ndarray]]:
        for sample in samples:
            _ = pydicom.dcmread(sample["image"]).pixel_array
        with torch.inference_mode():
            self.network(torch.zeros(BATCH, 1, INPUT_SIZE, INPUT_SIZE))
        return [{} for _ in samples]

    def __call__(self, sample: dict[str, str]) -> dict[str, np.ndarray]:
        return self.batch([sample])[0]


def _nothing(row: object, sample: object) -> None:
    return None


def rate(count: int, action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return count / (time.perf_counter() - start)


def through_a_worker(dataset: Dataset) -> Callable[[], object]:
    """Return an action that reads all samples; the time to start the worker is not in its rate."""
    loader = DataLoader(dataset, batch_size=32, num_workers=1, persistent_workers=True)
    prepare = PrepareUnitRange()
    for _ in loader:
        pass
    return lambda: [prepare(batch, "cpu") and None for batch in loader]


def main(folder: str | None = None, rounds: int = 3) -> None:
    """Print rates and ratios.

    Args:
        folder: DICOM files; phantoms are written when left out.
        rounds: how often each is measured.
    """
    with tempfile.TemporaryDirectory() as scratch:
        if folder is None:
            write_phantoms(Path(scratch) / "phantom", Manifest(patients=16, slices=24, size=512))
        files = sorted((Path(scratch) / "phantom" if folder is None else Path(folder)).rglob("*.dcm"))
        rows = [{"image": str(file), "label": np.zeros(6, np.float32)} for file in files]
        parser = ConfigParser()
        parser.read_config(ROOT / "configs/train.json")
        parser["bundle_root"], parser["image_size"] = str(ROOT), SIZE
        preprocessing = parser.get_parsed_content("train#preprocessing")
        (masking,) = [each for each in preprocessing.transforms if isinstance(each, BrainMaskd)]
        reference = DecodeAndPredict(masking.brain_mask.network)
        first: dict[str, list[float]] = {"bare pydicom decode + mask network": [], "first epoch, disk": []}
        for _ in range(rounds):
            shutil.rmtree(f"{scratch}/cache", ignore_errors=True)
            bare = lambda: list(prepare_all(reference, rows, _nothing, ""))  # noqa: E731
            cached = lambda: CachedDataset(rows, preprocessing, None, "disk", f"{scratch}/cache")  # noqa: E731
            first["bare pydicom decode + mask network"].append(rate(len(rows), bare))
            first["first epoch, disk"].append(rate(len(rows), cached))
        show(first)
        endoscopic = Compose(
            [
                LoadImaged("image"), EnsureChannelFirstd("image"), Resized("image", (SIZE, SIZE)),
                CastToTyped("image", torch.float32), NormalizeIntensityd("image"), EnsureTyped("image"),
            ]
        )  # fmt: skip
        actions = {
            "endoscopic_inbody_classification": through_a_worker(Dataset(rows, endoscopic)),
            "later epochs, memory": through_a_worker(CachedDataset(rows, preprocessing, None, "memory")),
            "later epochs, disk": through_a_worker(
                CachedDataset(rows, preprocessing, None, "disk", f"{scratch}/cache")
            ),
        }
        show({name: [rate(len(rows), action) for _ in range(rounds)] for name, action in actions.items()})
        sizes = [file.stat().st_size for file in Path(scratch, "cache").rglob("*.sample")]
        print(f"a cached sample takes {max(sizes) / 1000:.1f} KB on the disk")


def show(rates: dict[str, list[float]]) -> None:
    reference = max(next(iter(rates.values())))
    for name, measured in rates.items():
        print(f"{name:40s} {max(measured):8.1f} slices/s   × {max(measured) / reference:.2f}")


if __name__ == "__main__":
    run_command(main)
