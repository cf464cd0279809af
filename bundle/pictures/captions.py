"""What is written on a picture of a slice: sides, place in the stack, finding, and that it is for research."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bundle.labels import ANY, SUBTYPES
from bundle.pictures.colours import heat_colours

FOR_RESEARCH = "for research"
NOT_FOR_DIAGNOSIS = "AI, not for diagnosis"
NO_SIDES = "left and right unknown"

_LINES = 24
"""Lines of text that would fill a picture from top to bottom."""
_SMALLEST = 4
"""Pixels of a font, below which none is drawn."""


_NAMED = 0.005
"""Probability of a subtype from which on it is named; below it would be written as 0.00."""
_VERDICT_LINES, _VERDICT_SIZE, _VERDICT_SHARE = 5, 0.85, 4
"""Lines of a verdict at most, their size in that of the other captions, and the part of the height that they take."""


_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


class Captions(NamedTuple):
    """The texts on a picture of a slice."""

    sides: tuple[str, str] | None
    """Letters of the patient's sides at the left and right edge, see `bundle.readers.geometry.screen_sides`."""
    place: str
    """As "slice 12 of 30 · counted from the base · 45.2 mm"."""
    finding: str
    """As "this slice: P(any) 0.87 · subdural 0.81"."""
    verdict: Sequence[str] = ()
    """Texts about the head, at the lower edge, as "the head: read first, P(any) 0.91"; each begins a line."""


def slice_captions(record: Mapping[str, Any], sides: tuple[str, str] | None, number: int, count: int) -> Captions:
    """Return the captions of a slice.

    Where its position is known, its number is counted from the base; a viewer may number the slices otherwise. One
    that was given alone has no number.

    Args:
        record: of the slice, with "position" (mm, "" or None where unknown) and ``p_<label>``.
        sides: of the patient at the left and the right edge of the screen; None where they are unknown.
        number: of the slice in its stack, from 1.
        count: slices of the stack.
    """
    place = "one slice" if count == 1 else f"slice {number} of {count}"
    position = record.get("position")
    if position not in (None, ""):
        if count > 1:
            place += " · counted from the base"
        place += f" · {float(position):.1f} mm"
    return Captions(sides, place, _finding(record))


def draw_captions(picture: np.ndarray, captions: Captions, note: str = FOR_RESEARCH) -> np.ndarray:
    """Return a copy of a picture, [H, W, 3] uint8, with its captions in the corners and the sides at the edges.

    Args:
        picture: of the slice.
        captions: see `slice_captions`.
        note: what the picture is for, in the upper right corner.
    """
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    width, height = image.size
    size = max(_SMALLEST, height // _LINES)
    gap = size / 3
    bottom = _draw_verdict(draw, captions.verdict, image.size, size)
    corners = (
        ((gap, gap), "la", captions.place),
        ((width - gap, gap), "ra", note),
        ((gap, bottom), "ld", captions.finding),
    )
    for place, anchor, text in corners:
        _draw(draw, place, anchor, "\n".join(text.split(" · ")), size)
    if captions.sides is None:
        _draw(draw, (width - gap, bottom), "rd", NO_SIDES.replace(" unknown", "\nunknown"), size)
    else:
        _draw(draw, (gap, height / 2), "lm", captions.sides[0], size * 1.5)
        _draw(draw, (width - gap, height / 2), "rm", captions.sides[1], size * 1.5)
    return np.asarray(image)


def draw_legend(picture: np.ndarray) -> np.ndarray:
    """Return a copy of a picture with captions, [H, W, 3] uint8, with the colours of a heat map under its note."""
    image = Image.fromarray(picture)
    size = max(_SMALLEST, image.height // _LINES)
    gap, width, height = size / 3, 6 * size, max(1, size // 2)
    ramp = (heat_colours(np.linspace(0, 1, width)) * 255).astype(np.uint8)
    left, top = round(image.width - gap - width), round(gap + 1.5 * size)
    image.paste(Image.fromarray(np.repeat(ramp[None], height, axis=0)), (left, top))
    place = image.width - gap, top + height + gap
    _draw(ImageDraw.Draw(image), place, "ra", "evidence: weak to strong", max(_SMALLEST, 0.6 * size))
    return np.asarray(image)


def _draw_verdict(draw: ImageDraw.ImageDraw, texts: Sequence[str], frame: tuple[int, int], size: float) -> float:
    """Write texts at the lower edge, what has no room left out with "…", and return where what stands above them ends.

    Args:
        draw: of the picture.
        texts: each begins a line.
        frame: width and height of the picture.
        size: of the other captions.
    """
    (width, height), gap = frame, size / 3
    if not texts:
        return height - gap
    size = max(_SMALLEST, _VERDICT_SIZE * size)
    font, high = ImageFont.load_default(size), 1.5 * size
    lines = [line for text in texts for line in _wrapped(text, font, width - 2 * gap)]
    room = max(1, min(_VERDICT_LINES, int(height / _VERDICT_SHARE / high)))
    if len(lines) > room:
        lines = [*lines[: room - 1], _shortened(lines[room - 1] + "…", font, width - 2 * gap)]
    place, text = (gap, height - gap), "\n".join(lines)
    _draw(draw, place, "ld", text, size)
    return draw.multiline_textbbox(place, text, font, "ld", spacing=size / 4)[1] - 2 * gap


def _wrapped(text: str, font: _Font, width: float) -> list[str]:
    """Return a text in lines that are no wider, in pixels; a word that is wider itself loses its end."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return [_shortened(line, font, width) for line in lines]


def _shortened(line: str, font: _Font, width: float) -> str:
    while len(line) > 1 and font.getlength(line) > width:
        line = line.rstrip("…")[:-1] + "…"
    return line


def _draw(draw: ImageDraw.ImageDraw, place: tuple[float, float], anchor: str, text: str, size: float) -> None:
    align = "right" if anchor.startswith("r") else "left"
    # The outline keeps white letters readable over bone.
    draw.text(
        place, text, "white", ImageFont.load_default(size), anchor, spacing=size / 4, align=align,
        stroke_width=max(1, round(size / 12)), stroke_fill="black",
    )  # fmt: skip


def _finding(record: Mapping[str, Any]) -> str:
    finding = f"this slice: P({ANY}) {record[f'p_{ANY}']:.2f}"
    scores = {name: record.get(f"p_{name}") or 0.0 for name in SUBTYPES}
    likeliest = max(scores, key=lambda name: scores[name])
    return f"{finding} · {likeliest} {scores[likeliest]:.2f}" if scores[likeliest] >= _NAMED else finding
