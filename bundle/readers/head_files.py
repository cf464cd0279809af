"""Read whatever a row names as its image: a DICOM slice or series, a NIfTI volume, a PNG or JPEG."""

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from bundle.errors import InputError
from bundle.readers.dicom_pixels import read_dicom_slice
from bundle.readers.dicom_series import read_dicom_series
from bundle.readers.formats import Format, dicom_files, require_format
from bundle.readers.nifti import read_nifti
from bundle.readers.raster import read_raster


class HeadFiles:
    """Reader of head images, without MONAI.

    A slice is [H, W], a volume [H, W, D], float32, in the orientation and with the meta that `bundle.readers` states.
    One path is a slice, a volume, or the folder of a series; several paths are the slices of one DICOM series.

    The last NIfTI volume is kept, so that rows which take its slices one by one read it once, by several threads, too;
    its array is shared and must not be changed in place.
    """

    def __init__(self) -> None:
        self._kept: tuple[tuple[str, int, int], np.ndarray, dict[str, Any]] | None = None
        self._reading = Lock()

    def __getstate__(self) -> dict[str, Any]:
        """Return what defines the reader, for workers and caches: not the volume that is kept."""
        return {"_kept": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Begin anew in a worker, whose lock is its own."""
        self.__dict__.update(state, _reading=Lock())

    def read(self, paths: Sequence[Path]) -> tuple[np.ndarray, dict[str, Any]]:
        """Return the array of the paths, float32, and its meta.

        Raises:
            InputError: when a file is absent, empty, damaged, of an unknown format, or not an image that can be scored.
        """
        if len(paths) != 1:
            return self._series(paths, "the list of files")
        (path,) = paths
        if path.is_dir():
            return self._series(dicom_files(path), path)
        match require_format(path):
            case Format.DICOM:
                return read_dicom_slice(path)
            case Format.RASTER:
                return read_raster(path)
            case Format.NIFTI:
                return self._volume(path)

    def _series(self, paths: Sequence[Path], source: Path | str) -> tuple[np.ndarray, dict[str, Any]]:
        if not paths:
            raise InputError("holds no DICOM slices", "give the folder of one series, or one file", source)
        for path in paths:
            require_format(path)
        return read_dicom_series(paths)

    def _volume(self, path: Path) -> tuple[np.ndarray, dict[str, Any]]:
        status = path.stat()
        key = str(path), status.st_mtime_ns, status.st_size
        with self._reading:
            if self._kept is None or self._kept[0] != key:
                self._kept = None  # free the old volume before the next one needs its memory
                self._kept = key, *read_nifti(path)
            _, array, meta = self._kept
        return array, deepcopy(meta)
