"""The series of a CQ500 scan that is read: plain, of no bone kernel, and thin."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from bundle.errors import InputError
from bundle.gate import Candidate, Kind, Outcome, choose, find_kind, read_facts, why_not
from bundle.gate.series_choice import MIN_SLICES
from bundle.readers.dicom_file import check_dicom, parse_dicom
from bundle.readers.formats import dicom_files

NOTHING = Candidate("", 0, math.inf)


class Series(NamedTuple):
    """What is known of a series before its slices are read."""

    folder: Path
    files: list[Path]
    candidate: Candidate
    problem: str | None
    """Why it cannot be the one that is read."""


def read_series(folder: Path) -> Series:
    """Look at a folder of DICOM files, which in CQ500 is a series, and at the header of its middle file.

    Raises:
        InputError: when there are none, or this one is no slice that can be scored, as `bundle.readers` says.
    """
    files = dicom_files(folder)
    if not files:
        raise InputError("has no DICOM files", file=folder)
    dicom = parse_dicom(files[len(files) // 2], header_only=True)
    facts = read_facts(dicom)
    # The folders were named by hand, the descriptions in the headers by the scanner.
    finding = find_kind(replace(facts, description=f"{folder.name} {facts.description}"))
    if finding.kind.outcome is not Outcome.LEFT_OUT:
        check_dicom(dicom)
    problem = None
    if finding.kind.outcome is Outcome.LEFT_OUT or finding.kind in (Kind.CONTRAST, Kind.BONE_KERNEL):
        problem = finding.reason
    elif len(files) < MIN_SLICES:
        problem = f"it has {len(files)} slices, fewer than {MIN_SLICES}"
    caution = finding.kind.outcome is Outcome.CAUTION
    candidate = Candidate(folder.name, len(files), facts.thickness or math.inf, caution)
    return Series(folder, files, candidate, problem)


def choose_series(series: Sequence[Series]) -> tuple[Series | None, dict[Path, str]]:
    """Return the thinnest series that nothing rules out, of equal ones that of most slices, and why not each other."""
    reasons = {each.folder: each.problem for each in series if each.problem is not None}
    usable = [each for each in series if each.problem is None]
    if not usable:
        return None, reasons
    chosen = usable.pop(choose([each.candidate for each in usable]))
    return chosen, reasons | {each.folder: why_not(each.candidate, chosen.candidate) for each in usable}
