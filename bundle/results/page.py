"""The page of an inference: its heads, each slice read when the page comes to it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np

from bundle.errors import InputError
from bundle.pictures import HeatMap
from bundle.progress import progress
from bundle.readers import read_slice
from bundle.readers.dicom_file import read_header
from bundle.readers.dicom_slice import DicomSlice
from bundle.readers.formats import Format, image_format
from bundle.readers.head_files import HeadFiles
from bundle.results.overlays import sides_of
from bundle.results.records import Record, Records, series_of, slices_by_series
from bundle.viewer import HeadPictures, SlicePicture, write_page

NAME = "index.html"
HEADS = 30
"""Whose slices the page shows, unless another number is asked for."""
_IDENTITY = ("PatientName", "PatientID", "PatientBirthDate", "AccessionNumber")


class Page:
    """Write the worklist of an inference, and its first heads as stacks of slices.

    Args:
        heads: number of heads whose slices are shown, the first of the worklist; 0 writes no page.
        show_identity: whether name, identifier, birth date and accession number of the patients are shown.
    """

    def __init__(self, heads: int = HEADS, show_identity: bool = False) -> None:
        self.heads = heads
        self.show_identity = show_identity

    def write(
        self,
        folder: Path,
        records: Records,
        rows: Sequence[Mapping[str, Any]],
        maps: Mapping[int, HeatMap],
        slice_threshold: float,
        numbers: Sequence[tuple[int, int]],
        about: Sequence[str] = (),
    ) -> None:
        """Write ``index.html``, also where no head was scored, so that none of an earlier inference stays.

        Args:
            folder: of the page.
            records: what is reported.
            rows: of the scored slices, in the order of their records, whose "image" is a path.
            maps: index of a slice's record → its heat map, of those that have one.
            slice_threshold: P(any) from which on a slice is marked.
            numbers: of the scored slices, see `bundle.viewer.SlicePicture.numbered`.
            about: sentences on the run, see `bundle.viewer.write_page`.

        Raises:
            InputError: when the page cannot be written.
        """
        if self.heads:
            pictures = self._heads(records, rows, maps, numbers)
            shown = progress(pictures, "Page", len(records.series), unit="head", delay=2)
            write_page(
                folder / NAME,
                shown,
                records.left_out,
                records.failed,
                slice_threshold=slice_threshold,
                show_identity=self.show_identity,
                about=about,
            )

    def _heads(
        self,
        records: Records,
        rows: Sequence[Mapping[str, Any]],
        maps: Mapping[int, HeatMap],
        numbers: Sequence[tuple[int, int]],
    ) -> Iterator[HeadPictures]:
        members = slices_by_series(records.slices)
        for number, series in enumerate(records.series):
            own = members.get(series_of(series), []) if number < self.heads else []
            slices = _Slices([(records.slices[index], rows[index], maps.get(index), numbers[index]) for index in own])
            yield HeadPictures(series, slices, _identity(rows[own[0]]) if own and self.show_identity else None)


class _Slices(Sequence[SlicePicture]):
    """Slices that are read when they are asked for."""

    def __init__(self, parts: Sequence[tuple[Record, Mapping[str, Any], HeatMap | None, tuple[int, int]]]) -> None:
        self.parts = parts
        self.files = HeadFiles()

    def __len__(self) -> int:
        return len(self.parts)

    @overload
    def __getitem__(self, index: int) -> SlicePicture: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[SlicePicture]: ...
    def __getitem__(self, index: int | slice) -> SlicePicture | Sequence[SlicePicture]:
        if isinstance(index, slice):
            return _Slices(self.parts[index])
        record, row, heat_map, numbered = self.parts[index]
        seen = read_slice(row, self.files)
        heat = None if heat_map is None else heat_map.restored(heat_map.heat, seen.pixels.shape)
        rows, columns = np.linalg.norm(seen.affine[:3, :2], axis=0).tolist()
        spacing = None if row.get("position") is None else (rows, columns)
        return SlicePicture(seen.pixels, seen.intensity, heat, record, spacing, sides_of(row, seen), numbered)


def _identity(row: Mapping[str, Any]) -> dict[str, str]:
    path = Path(row["image"])
    if image_format(path) is not Format.DICOM:
        return {}
    try:
        dicom = DicomSlice(path, read_header(path))
        return {name: text for name in _IDENTITY if (text := dicom.text(name))}
    except InputError:
        return {}
