"""Files → the squares of grey levels that the classifier sees, as the preprocessing of configs/inference.json."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bundle.errors import InputError
from bundle.gate import LeftOut, find_slice_kind
from bundle.intensity import INTENSITY, Intensity
from bundle.parallel import available_cores
from bundle.preprocessing import mask_box, mask_grey, normalise, window_hu
from bundle.preprocessing.resample import enlarge, fit_square, shrink
from bundle.readers.head_files import HeadFiles
from bundle.readers.take_slice import take_slice
from bundle.runtime.brain_mask import BrainMask
from bundle.runtime.export_file import Preprocessing

Row = Mapping[str, Any]

BATCH = 64
"""Slices whose pixels are held at once, and whose masks are one batch: most series; longer ones need no more memory."""


@dataclass(frozen=True, eq=False)
class Square:
    """A slice as the classifier sees it, or why it cannot be seen."""

    levels: np.ndarray | None
    """[C, S, S] uint8."""
    box: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))
    """First row and row after the last of what is seen in the slice; likewise the columns."""
    reason: str = ""
    """Why there is no square, "" where there is one."""
    kind: str = ""
    """What the image is instead of a head, see `bundle.gate.Kind`; "" for all others."""


@dataclass(frozen=True, eq=False)
class _Pixels:
    image: np.ndarray
    intensity: Intensity
    small: np.ndarray | None


class Squares:
    """Read slices and bring them to the classifier's input, several at a time.

    Args:
        preprocessing: what the classifier was trained with.
        brain_mask: None where the classifier sees the whole head.
        threads: how many slices are worked on at once; as many as there are cores when None.
    """

    def __init__(self, preprocessing: Preprocessing, brain_mask: BrainMask | None, threads: int | None = None) -> None:
        self.preprocessing = preprocessing
        self.brain_mask = brain_mask
        self._files = HeadFiles()
        self._threads = threads or available_cores()

    def __call__(self, rows: Sequence[Row]) -> Iterator[list[Square]]:
        """Yield the squares of up to `BATCH` rows at a time, in their order.

        Args:
            rows: with "image", and "slice" of a volume, see `bundle.sources.unlabelled.find_images`.
        """
        with ThreadPoolExecutor(self._threads) as pool:
            for start in range(0, len(rows), BATCH):
                read = list(pool.map(self._read, rows[start : start + BATCH]))
                good = [each for each in read if isinstance(each, _Pixels)]
                depths: Sequence[np.ndarray | None] = [None] * len(good)
                if self.brain_mask is not None and good:
                    depths = self.brain_mask.depths(np.stack([each.small for each in good if each.small is not None]))
                fitted = pool.map(self._fit, good, depths)
                yield [next(fitted) if isinstance(each, _Pixels) else each for each in read]

    def _read(self, row: Row) -> _Pixels | Square:
        try:
            image, meta = self._files.read([Path(row["image"])])
            if image.ndim > 2:
                image = take_slice(image, row.get("slice"), row["image"])
            intensity = Intensity(meta[INTENSITY])
            finding = find_slice_kind(image, intensity)
            if finding is not None:
                raise LeftOut(finding, row["image"])
            small = None if self.brain_mask is None else shrink(mask_grey(image[None], intensity)[0])
            return _Pixels(image, intensity, small)
        except LeftOut as error:
            return Square(None, reason=error.finding.reason, kind=str(error.finding.kind))
        except InputError as error:
            return Square(None, reason=str(error))
        except Exception as error:  # whatever one file does, it costs that file alone
            return Square(None, reason=f"{type(error).__name__}: {error}")

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
            return Square(np.stack([seen[each] for each in windows]), box)
        grey = fit_square(normalise(image, pixels.intensity), mask, size)
        return Square(np.stack([grey] * len(windows)), box)
