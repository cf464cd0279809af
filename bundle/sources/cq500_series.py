"""The series of a CQ500 scan that is read: plain, of no bone kernel, and thin."""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bundle.errors import InputError
from bundle.readers.dicom_file import open_dicom
from bundle.readers.formats import dicom_files
from bundle.readers.geometry import slice_normal

MIN_SLICES = 16
"""Fewer do not show a whole head, even at 8 mm."""

_PLAIN = re.compile(r"\b(plain|ncct|(pre|non|no|without) ?contrast|unenhanced)\b")
_CONTRAST = re.compile(r"\b(contrast|post|cect|c|iv|cta|angio\w*|enhanced|\d+ ?cc)\b")
_BONE = re.compile(r"\bbone\b|\bhrct\b|\bhi ?res")
_SHARP_KERNEL = re.compile(r"bone|edge|lung|\b[hbj][a-z]?[6-9]\d")
"""GE's by name, Siemens' (H60s, B70f, Hr68) by number."""


class Series(NamedTuple):
    """What is known of a series before its slices are read."""

    folder: Path
    files: list[Path]
    thickness: float
    """mm; infinite when unknown."""
    problem: str | None
    """Why it cannot be the one that is read."""

    def __str__(self) -> str:
        return f"{self.folder.name} ({len(self.files)} slices of {self.thickness:g} mm)"


def read_series(folder: Path) -> Series:
    """Look at a folder of DICOM files, which in CQ500 is a series, and at the header of its middle file.

    Raises:
        InputError: when there are none, or this one is no slice that can be scored, as `bundle.readers` says.
    """
    files = dicom_files(folder)
    if not files:
        raise InputError("has no DICOM files", file=folder)
    dicom = open_dicom(files[len(files) // 2], header_only=True)
    normal = slice_normal(dicom.affine)
    (thickness,) = dicom.decimals("SliceThickness", (math.inf,))
    name, kernel, agent = (
        dicom.text(keyword) for keyword in ("SeriesDescription", "ConvolutionKernel", "ContrastBolusAgent")
    )
    if abs(normal[2]) < math.sqrt(0.5):
        problem: str | None = "it is not axial"
    elif len(files) < MIN_SLICES:
        problem = f"it has {len(files)} slices, fewer than {MIN_SLICES}"
    else:
        problem = find_problem(f"{folder.name} {name}", kernel, agent)
    return Series(folder, files, thickness if thickness > 0 else math.inf, problem)


def find_problem(name: str, kernel: str = "", contrast_agent: str = "") -> str | None:
    """Return why a series' name, kernel and contrast agent rule it out, or None.

    The name is believed more than the agent, which scanners note for the plain series of an examination, too.
    """
    words = " ".join(re.findall(r"[a-z0-9]+", name.lower()))
    if not _PLAIN.search(words):
        if found := _CONTRAST.search(words):
            return f"its name says contrast ({found[0]})"
        if contrast_agent.strip().lower() not in ("", "no", "none"):
            return f"its header names a contrast agent ({contrast_agent.strip()})"
    if found := _BONE.search(words):
        return f"its name says a bone kernel ({found[0]})"
    if _SHARP_KERNEL.search(kernel.lower()):
        return f"its kernel is one for bone ({kernel.strip()})"
    return None


def choose_series(candidates: Sequence[Series]) -> tuple[Series | None, dict[Path, str]]:
    """Return the thinnest series that nothing rules out, of equal ones that of most slices, and why not each other."""
    usable = [each for each in candidates if each.problem is None]
    chosen = min(usable, key=lambda each: (each.thickness, -len(each.files), each.folder.name), default=None)
    reasons = {each.folder: each.problem for each in candidates if each.problem}
    for each in usable:
        if chosen is not None and each is not chosen:
            what = "thicker" if each.thickness > chosen.thickness else "as thin, but no larger"
            reasons[each.folder] = f"it is {what} than {chosen}, which was chosen"
    return chosen, reasons
