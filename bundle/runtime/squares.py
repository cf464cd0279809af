"""Files → the squares of grey levels that the classifier sees, as the preprocessing of configs/inference.json."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bundle.errors import InputError
from bundle.gate import LeftOut, Lost, find_slice_kind
from bundle.intensity import INTENSITY, Intensity
from bundle.parallel import available_cores
from bundle.preprocessing import mask_box, mask_grey, normalise, window_hu
from bundle.preprocessing.resample import enlarge, fit_square, shrink
from bundle.readers.head_files import HeadFiles
from bundle.readers.take_slice import take_slice
from bundle.runtime.brain_mask import BrainMask
from bundle.runtime.export_file import Preprocessing

Row = Mapping[str, Any]
Box = tuple[tuple[int, int], tuple[int, int]]
"""First row and row after the last of a part of a slice; likewise the columns."""
NOWHERE: Box = ((0, 0), (0, 0))

BATCH = 16
"""Slabs whose pixels are held at once, and whose masks are one batch; longer series need no more memory."""


@dataclass(frozen=True, eq=False)
class Square:
    """A slice, or the mean of the slices of a slab, as the classifier sees it."""

    levels: np.ndarray | None
    """[C, S, S] uint8; None when all slices are lost."""
    lost: Sequence[Lost | None]
    """Of each slice, None for one that is seen."""
    box: Box = NOWHERE
    """Of the slices, what is seen."""


@dataclass(frozen=True, eq=False)
class _Pixels:
    image: np.ndarray
    intensity: Intensity
    lost: Sequence[Lost | None]
    small: np.ndarray | None


class Squares:
    """Read slabs and bring them to the classifier's input, several at a time.

    Args:
        preprocessing: what the classifier was trained with.
        brain_mask: None where the classifier sees the whole head.
        threads: how many slabs are worked on at once; as many as there are cores when None.
    """

    def __init__(self, preprocessing: Preprocessing, brain_mask: BrainMask | None, threads: int | None = None) -> None:
        self.preprocessing = preprocessing
        self.brain_mask = brain_mask
        self._files = HeadFiles()
        self._threads = threads or available_cores()

    def __call__(self, slabs: Sequence[Sequence[Row]]) -> Iterator[list[Square]]:
        """Yield the squares of up to `BATCH` slabs at a time, in their order.

        Args:
            slabs: the rows of the slices of each, with "image", and "slice" of a volume, see
                `bundle.sources.unlabelled.find_images`.
        """
        with ThreadPoolExecutor(self._threads) as pool:
            for start in range(0, len(slabs), BATCH):
                read = list(pool.map(self._read, slabs[start : start + BATCH]))
                good = [each for each in read if isinstance(each, _Pixels)]
                depths: Sequence[np.ndarray | None] = [None] * len(good)
                if self.brain_mask is not None and good:
                    depths = self.brain_mask.depths(np.stack([each.small for each in good if each.small is not None]))
                fitted = pool.map(self._fit, good, depths)
                yield [next(fitted) if isinstance(each, _Pixels) else each for each in read]

    def _read(self, rows: Sequence[Row]) -> _Pixels | Square:
        total: np.ndarray | None = None
        intensity: Intensity | None = None
        lost: list[Lost | None] = []
        for row in rows:
            try:
                image, unit = self._slice(row)
                if total is not None and (image.shape, unit) != (total.shape, intensity):
                    raise InputError("has another size or unit than its neighbours", file=row["image"])
            except Exception as error:  # whatever one file does, it costs that file alone
                lost.append(Lost.of(error))
            else:
                lost.append(None)
                total, intensity = image if total is None else total + image, unit
        if total is None or intensity is None:
            return Square(None, lost)
        seen = lost.count(None)
        image = total if seen == 1 else total / np.float32(seen)
        small = None if self.brain_mask is None else shrink(mask_grey(image[None], intensity)[0])
        return _Pixels(image, intensity, lost, small)

    def _slice(self, row: Row) -> tuple[np.ndarray, Intensity]:
        image, meta = self._files.read([Path(row["image"])])
        if image.ndim > 2:
            image = take_slice(image, row.get("slice"), row["image"])
        intensity = Intensity(meta[INTENSITY])
        finding = find_slice_kind(image, intensity)
        if finding is not None:
            raise LeftOut(finding, row["image"])
        return image, intensity

    def _fit(self, pixels: _Pixels, depth: np.ndarray | None) -> Square:
        image, mask = pixels.image, None
        height, width = image.shape
        box = (0, height), (0, width)
        if depth is not None:
            mask = enlarge(depth, (height, width))
            box = mask_box(mask, self.preprocessing.crop_margin)
            rows, columns = (slice(*span) for span in box)
            image, mask = image[rows, columns], mask[rows, columns]
        size, windows = self.preprocessing.image_size, [tuple(each) for each in self.preprocessing.windows]
        if pixels.intensity == Intensity.HU:
            # The same window several times is computed once.
            seen = {each: fit_square(window_hu(image, *map(float, each)), mask, size) for each in set(windows)}
            return Square(np.stack([seen[each] for each in windows]), pixels.lost, box)
        grey = fit_square(normalise(image, pixels.intensity), mask, size)
        return Square(np.stack([grey] * len(windows)), pixels.lost, box)
