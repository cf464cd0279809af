"""Ten ways in which a report can be wrong: each is noticed by a validator or by the check of rows."""

import os
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.sr.coding import Code

from bundle.dicom_results import Finding, Origin, codes, make_objects, missing_rows
from tests.dicom_results.conftest import KEY, RECORD
from tests.dicom_tools import dciodvfy, dsrdump, needs_dicom_tools, pixelmed

Report = Dataset


def item(parent: Dataset, name: Code) -> Dataset:
    """Return the first item of a name."""
    return next(
        each for each in parent.ContentSequence if each.ConceptNameCodeSequence[0].CodeValue == name.value
    )  # fmt: skip


def first_group(report: Report) -> Dataset:
    return item(report, codes.MEASUREMENTS).ContentSequence[0]


def drop(parent: Dataset, name: Code) -> None:
    parent.ContentSequence = [each for each in parent.ContentSequence if each is not item(parent, name)]


def another_image(report: Report) -> None:
    item(first_group(report), codes.SOURCE).ReferencedSOPSequence[0].ReferencedSOPInstanceUID = "1.2.3.4"


def another_unit(report: Report) -> None:
    measured = item(first_group(report), codes.PROBABILITY).MeasuredValueSequence[0]
    measured.MeasurementUnitsCodeSequence[0].CodeValue = "mm"


def too_probable(report: Report) -> None:
    item(first_group(report), codes.PROBABILITY).MeasuredValueSequence[0].NumericValue = "914.5"


def absent_subtype(report: Report) -> None:
    groups = item(report, codes.MEASUREMENTS).ContentSequence
    groups[1].ContentSequence.append(deepcopy(item(groups[0], codes.PRESENCE_OF)))


def two_of_any(report: Report) -> None:
    groups = item(report, codes.MEASUREMENTS).ContentSequence
    groups.append(deepcopy(groups[0]))


def other_relationship(report: Report) -> None:
    item(first_group(report), codes.SITE).RelationshipType = "INFERRED FROM"


def set_flag(report: Report) -> None:
    report.VerificationFlag = "VERIFIED"


def no_evidence(report: Report) -> None:
    del report.CurrentRequestedProcedureEvidenceSequence


MUTATIONS: dict[str, tuple[Callable[[Report], None], set[str]]] = {
    "no Procedure Reported": (lambda report: drop(report, codes.PROCEDURE), {"rows"}),
    "no observer": (lambda report: drop(report, codes.OBSERVER_TYPE), {"rows"}),
    "no finding": (lambda report: drop(first_group(report), codes.FINDING), {"rows"}),
    "an illegal relationship": (other_relationship, {"rows", "pixelmed", "dsrdump"}),
    "an image that is no evidence": (another_image, {"rows", "dciodvfy"}),
    "another unit": (another_unit, {"rows"}),
    "a probability above 100 %": (too_probable, {"rows"}),
    "an absent subtype": (absent_subtype, {"rows"}),
    "any twice": (two_of_any, {"rows"}),
    "verified by nobody": (set_flag, {"rows", "dciodvfy", "dsrdump"}),
    "no evidence": (no_evidence, {"rows", "dciodvfy"}),
}
"""Change, and who notices it."""


@pytest.fixture
def report(origin: Origin, picture: np.ndarray) -> Report:
    """One of which no validator says anything."""
    return make_objects(replace(origin, finding=Finding.of(RECORD)), KEY, picture).report


def noticing(report: Report, file: Path, **slow: Callable[[Path], list[str]]) -> set[str]:
    """Return who says anything of a report."""
    found = {"rows": missing_rows(report), "dciodvfy": dciodvfy(file), "dsrdump": dsrdump(file)}
    found |= {name: validator(file) for name, validator in slow.items()}
    return {name for name, lines in found.items() if lines}


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_check_of_rows_notices_it(name: str, report: Report) -> None:
    assert missing_rows(report) == []
    MUTATIONS[name][0](report)
    assert missing_rows(report)


@needs_dicom_tools
@pytest.mark.parametrize("name", MUTATIONS)
def test_who_else_notices_it(name: str, report: Report, saved: Callable[[Report], Path]) -> None:
    assert noticing(report, saved(report)) == set()
    change, expected = MUTATIONS[name]
    change(report)
    assert noticing(report, saved(report)) == expected - {"pixelmed"}


@needs_dicom_tools
@pytest.mark.skipif(not os.environ.get("PIXELMED_MUTATIONS"), reason="PIXELMED_MUTATIONS=1 runs it, in five minutes")
@pytest.mark.parametrize("name", MUTATIONS)
def test_whether_pixelmed_notices_it(name: str, report: Report, saved: Callable[[Report], Path]) -> None:
    change, expected = MUTATIONS[name]
    change(report)
    assert noticing(report, saved(report), pixelmed=lambda file: pixelmed(file)[0]) == expected
