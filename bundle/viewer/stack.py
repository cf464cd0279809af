"""A head's slices made ready for the page: the one that is shown first, and the others for later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import SEEK_END
from typing import Any, BinaryIO

from jinja2.utils import htmlsafe_json_dumps

from bundle.intensity import Intensity
from bundle.labels import ANY
from bundle.pictures import slice_captions
from bundle.viewer.chart import Chart, draw_chart
from bundle.viewer.encode import encode_slice
from bundle.viewer.pictures import SlicePicture

MOST_SLICES = 96
"""Slices of a head that the page holds; of a larger stack it holds every second, third …, and those with heat maps."""
_PICTURES = ("image", "bone", "heat")
_SCALE = 50
"""mm of the scale bar."""


@dataclass(frozen=True)
class Stored:
    """A text that lies in a file until the page is written."""

    file: BinaryIO
    start: int
    length: int

    def __html__(self) -> str:
        """Return the text, which is HTML."""
        self.file.seek(self.start)
        return self.file.read(self.length).decode()


@dataclass(frozen=True)
class Stack:
    """The slices of a head."""

    chart: Chart
    numbers: Sequence[int]
    """Of the slices, in their order, see `bundle.viewer.SlicePicture.numbered`."""
    suspicious: Sequence[int]
    """Numbers of the slices whose P(any) reaches the threshold."""
    first: Mapping[str, Any]
    """The slice that is shown first, the most suspicious one, with its pictures."""
    shown: int
    """Slices that the page holds."""
    count: int
    """Slices of the head that were scored."""
    whole: int
    """All slices of the head."""
    is_ct: bool
    scale: float | None
    """Share of the picture's width that `_SCALE` mm take; None where that is unknown, or not that of every slice."""
    has_heat: bool
    """Whether a slice that the page holds has a heat map."""
    slices: Stored | None
    """JSON of the slices that the page holds; of the first without its pictures, which stand in the page itself. None
    where the page holds the first alone."""


def store_stack(slices: Sequence[SlicePicture], file: BinaryIO, slice_threshold: float) -> Stack | None:
    """Return a head's slices made ready for the page, the most of it in a file; None where there is none.

    Args:
        slices: see `bundle.viewer.HeadPictures`.
        file: open for reading and writing.
        slice_threshold: P(any) from which on a slice is marked.
    """
    if not slices:
        return None
    step = -(-len(slices) // MOST_SLICES)
    scores: list[float] = []
    positions: list[float | None] = []
    numbers: list[int] = []
    scales: set[float | None] = set()
    shown: dict[int, dict[str, Any]] = {}
    for index, picture in enumerate(slices):
        score, position = picture.record[f"p_{ANY}"], picture.record.get("position")
        if not scores or score > max(scores):
            key, suspect = index, picture
        scores.append(score)
        scales.add(_scale(picture))
        positions.append(None if position == "" else position)
        number, whole = picture.numbered or (index + 1, len(slices))
        numbers.append(number)
        if index % step == 0 or picture.heat is not None:
            shown[index] = _described(picture, number, whole)
    if key not in shown:
        shown[key] = _described(suspect, numbers[key], whole)
    chart = draw_chart(scores, positions, slice_threshold, numbers)
    suspicious = [index for index, score in enumerate(scores) if score >= slice_threshold]
    for index, each in shown.items():
        strength = round(min(1.0, scores[index] / slice_threshold), 3)
        each |= {"x": chart.x[index], "strength": strength, "marked": index == key or index in suspicious}
    stored = [{**shown[index], **(dict.fromkeys(_PICTURES) if index == key else {})} for index in sorted(shown)]
    return Stack(
        chart=chart,
        numbers=numbers,
        suspicious=[numbers[index] for index in suspicious],
        first=shown[key],
        shown=len(shown),
        count=len(slices),
        whole=whole,
        is_ct=suspect.intensity is Intensity.HU,
        scale=scales.pop() if len(scales) == 1 else None,
        has_heat=any(each["heat"] for each in shown.values()),
        slices=_store(file, stored),
    )


def _described(picture: SlicePicture, number: int, whole: int) -> dict[str, Any]:
    captions = slice_captions(picture.record, picture.sides, number, whole)
    return {"number": number, **captions._asdict(), **encode_slice(picture)._asdict()}


def _scale(picture: SlicePicture) -> float | None:
    return round(_SCALE / (picture.spacing[1] * picture.pixels.shape[1]), 4) if picture.spacing else None


def _store(file: BinaryIO, content: Sequence[Mapping[str, Any]]) -> Stored:
    start = file.seek(0, SEEK_END)
    length = file.write(htmlsafe_json_dumps(content, separators=(",", ":")).encode())
    return Stored(file, start, length)
