"""A DICOM slice: its file, its header, and where it lies."""

import math
from functools import cached_property
from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.uid import CTImageStorage, MRImageStorage

from bundle.errors import InputError
from bundle.intensity import Intensity
from bundle.readers.dicom_values import read_decimals, read_text, read_unsigned, read_value, reason
from bundle.readers.geometry import AXIAL, plane_position, slice_affine

_MODALITIES: dict[str, str] = {CTImageStorage: "CT", MRImageStorage: "MR"}


class DicomSlice:
    """A DICOM slice, as `bundle.readers.dicom_file.open_dicom` returns it.

    What its header says is read when it is asked for. Every method and attribute raises an `InputError` that names the
    file where an element is there but cannot be used.

    Attributes:
        path: the file.
        dataset: what pydicom read of it.
    """

    def __init__(self, path: Path, dataset: Dataset) -> None:
        self.path, self.dataset = path, dataset

    def has(self, keyword: str) -> bool:
        """Return whether an element is there and not empty."""
        try:
            return read_value(self.dataset, keyword) is not None
        except Exception as error:  # pydicom parses a long value when it reads it at last, and fails in any way
            raise self._damaged(keyword, error) from error

    def text(self, keyword: str) -> str:
        """Return an element as text, "" when absent or empty; several values stay joined by backslashes."""
        try:
            return read_text(self.dataset, keyword)
        except Exception as error:  # as above, and values are parsed when they are first used
            raise self._damaged(keyword, error) from error

    def unsigned(self, keyword: str) -> int:
        """Return an Unsigned Short, 0 when absent or empty."""
        try:
            return read_unsigned(self.dataset, keyword)
        except Exception as error:  # as above
            raise self._damaged(keyword, error) from error

    def decimals(self, keyword: str, default: tuple[float, ...]) -> tuple[float, ...]:
        """Return the values of a Decimal or Integer String: finite numbers, as many as in `default`.

        Where it is absent or empty, they are `default` itself.
        """
        try:
            values = read_decimals(self.dataset, keyword)
        except Exception as error:  # as above
            raise InputError(f"has an unreadable {keyword} ({reason(error)})", "correct it", self.path) from error
        if not values:
            return default
        if len(values) != len(default) or not all(map(math.isfinite, values)):
            problem = f"has the {keyword} {values}, not {len(default)} finite number(s)"
            raise InputError(problem, "correct it", self.path)
        return values

    @cached_property
    def modality(self) -> str:
        """Modality, or where it is absent what the SOP class says, or ""."""
        return self.text("Modality") or _MODALITIES.get(self.text("SOPClassUID"), "")

    @property
    def intensity(self) -> Intensity:
        """What the values of the decoded pixels are."""
        return Intensity.HU if self.modality == "CT" else Intensity.ARBITRARY

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.unsigned("Rows"), self.unsigned("Columns")

    @cached_property
    def _place(self) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...], float]:
        """Orientation, position, spacing and thickness; what the header leaves out is axial, at the origin, 1 mm."""
        orientation = self.decimals("ImageOrientationPatient", AXIAL)
        origin = self.decimals("ImagePositionPatient", (0.0, 0.0, 0.0))
        spacing = self.decimals("PixelSpacing", (1.0, 1.0))
        (thickness,) = self.decimals("SliceThickness", (1.0,))
        if min(spacing) <= 0:
            raise InputError(f"has the PixelSpacing {spacing}, which must be positive", "correct it", self.path)
        return orientation, origin, spacing, abs(thickness) or 1.0

    @cached_property
    def affine(self) -> np.ndarray:
        """The 4×4 affine (RAS mm)."""
        try:
            return slice_affine(*self._place)
        except ZeroDivisionError as error:
            raise self._no_plane() from error

    @cached_property
    def position(self) -> float | None:
        """How far along its normal the slice lies, mm from inferior to superior; None when the header has no place."""
        orientation, origin, *_ = self._place
        try:
            position = plane_position(orientation, origin)  # checked even where there is no position
        except ZeroDivisionError as error:
            raise self._no_plane() from error
        return position if self.has("ImagePositionPatient") else None

    def _no_plane(self) -> InputError:
        problem = f"has the ImageOrientationPatient {self._place[0]}, no two directions"
        return InputError(problem, "correct it", self.path)

    def _damaged(self, keyword: str, error: Exception) -> InputError:
        return InputError(f"has a damaged {keyword} ({reason(error)})", "copy or export it again", self.path)
