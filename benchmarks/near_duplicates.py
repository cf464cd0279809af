"""Search for near-duplicates among as many thumbnails as RSNA has slices, made up.

python -m benchmarks.near_duplicates
"""

import resource
import time

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from bundle.command import run_command
from bundle.datalist import find_groups, near_pairs
from bundle.datalist.fingerprint import SIDE
from bundle.datalist.leakage import SAME
from bundle.datalist.near_duplicates import CORRELATION, group_correlation

SLICES, WAVES = 37, 12


def main(images: int = 752_803) -> None:
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
    run_command(main)
