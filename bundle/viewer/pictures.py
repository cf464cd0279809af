"""What is shown of a head: its record, and its slices as they were read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bundle.intensity import Intensity


@dataclass(frozen=True, eq=False)
class SlicePicture:
    """A slice and where the network sees a hemorrhage in it."""

    pixels: np.ndarray
    """[H, W] float32, as `bundle.readers` gives it: as a radiologist sees it on the screen."""
    intensity: Intensity
    """Unit of the pixels."""
    heat: np.ndarray | None
    """[h, w] float32 in [0, 1] over the whole slice, of any resolution; None where there is none."""
    record: Mapping[str, Any]
    """Of the slice: "image", "slice", "position" (mm) and ``p_<label>``, see `bundle.results.records`."""
    spacing: tuple[float, float] | None = None
    """Between rows and between columns, mm; None where unknown."""
    sides: tuple[str, str] | None = None
    """Letters of the patient's sides at the left and right edge, see `bundle.readers.geometry.screen_sides`; None where
    they are unknown."""
    numbered: tuple[int, int] | None = None
    """Its number in the head from 1, and how many slices that has, with those that were not scored; None where the
    slices that are given are all."""


@dataclass(frozen=True, eq=False)
class HeadPictures:
    """A head: what was found, and its slices."""

    record: Mapping[str, Any]
    """Of the series, see `bundle.results.records`."""
    slices: Sequence[SlicePicture]
    """From inferior to superior. They are asked for once, one after the other, so that a sequence may read them when
    they are asked for."""
    identity: Mapping[str, str] | None = None
    """What identifies the patient, by its name in DICOM, as ``{"PatientName": "…"}``; it is shown on request alone."""
