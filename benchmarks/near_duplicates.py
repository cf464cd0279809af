"""How long the search for near-duplicates takes, and what it finds in stacks of known patients.

python -m benchmarks.near_duplicates made_up
python -m benchmarks.near_duplicates stacks data/ct_ich/Patients_CT
"""

import io
import resource
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from bundle.command import run_command
from bundle.datalist import find_groups, make_fingerprint, near_pairs
from bundle.datalist.fingerprint import SIDE
from bundle.datalist.leakage import SAME
from bundle.datalist.near_duplicates import CORRELATION, group_correlation
from bundle.intensity import Intensity
from bundle.readers import read_raster

SLICES, WAVES = 37, 12


def made_up(images: int = 752_803) -> None:
    """Print seconds, pairs and memory of the search for leaks and for groups, and the size of the largest group.

    A thumbnail is an ellipse, wider in the middle of the head, times a sum of cosines, of which a patient's slices
    share most. Pairs of different patients correlate above 0.985 about as often as in real sets (5 in a million; in
    RSNA's and CT-ICH's slices 1 to 5).

    Args:
        images: number of them, 37 of each patient.
    """
    thumbnails = np.concatenate([_patient(seed) for seed in tqdm(range(-(-images // SLICES)), disable=None)])[:images]
    before = _peak()
    patient = np.arange(images) // SLICES
    for correlation in (SAME, group_correlation(images), CORRELATION):
        start = time.perf_counter()
        same = different = 0
        for first, second, _ in near_pairs(thumbnails, correlation):
            alike = int((patient[first] == patient[second]).sum())
            same, different = same + alike, different + len(first) - alike
        seconds = time.perf_counter() - start
        print(f"r = {correlation:.4f}: {seconds:.0f} s, {same} pairs of one patient, {different} of two")
    start = time.perf_counter()
    largest = np.bincount(find_groups(thumbnails)).max()
    print(f"groups: {time.perf_counter() - start:.0f} s, the largest of {largest} images")
    print(f"peak memory {_peak():.0f} MB, of which the thumbnails and their making {before:.0f} MB")


def stacks(folder: str) -> None:
    """Print how many neighbouring slices, and pairs of slices of two patients, correlate; and how a slice's copies do.

    Args:
        folder: of CT-ICH's older export, ``049/brain/14.jpg``.
    """
    pictures = sorted(
        (file for file in Path(folder).glob("*/brain/*.jpg") if file.stem.isdecimal()),
        key=lambda file: (file.parts[-3], int(file.stem)),
    )
    images = [read_raster(file)[0] for file in tqdm(pictures, disable=None)]
    thumbnails = np.stack([_thumbnail(image) for image in images])
    patient = np.unique([file.parts[-3] for file in pictures], return_inverse=True)[1]
    number = np.array([int(file.stem) for file in pictures])
    neighbours = int(((patient[1:] == patient[:-1]) & (number[1:] == number[:-1] + 1)).sum())
    for correlation in (0.96, 0.97, 0.98, CORRELATION, 0.99, SAME):
        near = different = 0
        for first, second, _ in near_pairs(thumbnails, correlation):
            same = patient[first] == patient[second]
            near += int((same & (abs(number[first] - number[second]) == 1)).sum())
            different += int((~same).sum())
        print(f"r = {correlation}: {near} of {neighbours} neighbouring slices, {different} pairs of two patients")
    for name, change in COPIES.items():
        copies = np.stack([_thumbnail(np.asarray(change(image), dtype=np.float32)) for image in images[::20]])
        originals, copies = thumbnails[::20].astype(float), copies.astype(float)
        product = (originals * copies).sum(axis=1)
        found = product / np.linalg.norm(originals, axis=1) / np.linalg.norm(copies, axis=1)
        print(f"{name}: {np.mean(found >= SAME):.0%} of {len(found)} copies found, the least r = {found.min():.4f}")


def _jpeg(image: NDArray[np.float32]) -> Image.Image:
    file = io.BytesIO()
    Image.fromarray(image.astype(np.uint8)).save(file, "JPEG", quality=30)
    return Image.open(file)


COPIES = {
    "JPEG of quality 30": _jpeg,
    "half the size": lambda image: Image.fromarray(image).resize((image.shape[1] // 2, image.shape[0] // 2)),
    "noise of 10 grey levels": lambda image: (image + np.random.default_rng(0).normal(0, 10, image.shape)).clip(0, 255),
    "a tenth wider window": lambda image: ((image - 128) / 1.1 + 128).clip(0, 255),
    "level 13 grey levels higher": lambda image: (image - 13).clip(0, 255),
    "moved by 2 pixels": lambda image: np.roll(image, 2, axis=1),
    "turned by 2 degrees": lambda image: Image.fromarray(image).rotate(2),
}


def _thumbnail(image: NDArray[np.float32]) -> NDArray[np.int8]:
    return make_fingerprint(image, Intensity.DISPLAY).thumbnail


def _patient(seed: int) -> NDArray[np.int8]:
    draw = np.random.default_rng(seed)
    row, column = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    cosines = np.cos(np.pi * (np.arange(SIDE) + 0.5)[:, None] * np.arange(WAVES) / SIDE)
    weights = 0.8 / (1 + np.add.outer(np.arange(WAVES), np.arange(WAVES))) ** 0.75
    walk = draw.normal(0, 0.06, (SLICES, WAVES, WAVES)).cumsum(axis=0) + draw.normal(0, 0.25, (WAVES, WAVES))
    texture = 1 + cosines @ (walk * weights) @ cosines.T
    height = np.linspace(-0.9, 0.9, SLICES) + draw.normal(0, 0.05)
    width = np.sqrt(np.maximum(1 - height**2, 0.05))[:, None, None]
    radius = (column / (draw.normal(0.75, 0.05) * width)) ** 2 + (row / (draw.normal(0.9, 0.05) * width)) ** 2
    values = (texture / (1 + np.exp(np.minimum(12 * (radius - 1), 50)))).reshape(SLICES, -1)
    values -= values.mean(axis=1, keepdims=True)
    return np.rint(values * (127 / np.abs(values).max(axis=1, keepdims=True))).astype(np.int8)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    run_command({"made_up": made_up, "stacks": stacks})
