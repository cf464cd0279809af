"""What is said of a series before it is scored."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from bundle.errors import InputError
from bundle.gate.kinds import Kind, Outcome


class Finding(NamedTuple):
    """A kind, and the clause that says by what it is known."""

    kind: Kind
    reason: str = ""


@dataclass(frozen=True)
class SeriesJudgement:
    """What a series is, and whether it is scored.

    Raises:
        ValueError: when it is not simply scored, and has no reason.

    Example:
        >>> scout = SeriesJudgement(Kind.SCOUT, Outcome.LEFT_OUT, "its ImageType says LOCALIZER", modality="CT")
        >>> print(scout)
        left out (scout): its ImageType says LOCALIZER
    """

    kind: Kind
    outcome: Outcome
    reason: str = ""
    """One clause; "" for what is simply scored."""
    modality: str = ""
    """As DICOM writes it; "" where nothing says it."""
    unit: str = ""
    """Of the numbers as stored: "HU", "HU + 1024", "display", "arbitrary", or what RescaleType says."""
    orientation: str = ""
    """"axial", "coronal", "sagittal", or "" where nothing says it."""
    kernel: str = ""
    thickness: float | None = None
    """mm."""
    spacing: float | None = None
    """Median distance from slice to slice, mm."""
    description: str = ""

    def __post_init__(self) -> None:
        if self.outcome is not Outcome.SCORED and not self.reason:
            raise ValueError(f"a series that is {self.outcome} must have a reason")

    def columns(self) -> dict[str, Any]:
        """Return what a table of series has of it, by `COLUMNS`."""
        return {name: str(value) if isinstance(value := getattr(self, name), StrEnum) else value for name in COLUMNS}

    def left_out(self, reason: str) -> "SeriesJudgement":
        """Return the judgement of a series in whose place another is scored."""
        return replace(self, outcome=Outcome.LEFT_OUT, reason=reason)

    def found(self, finding: Finding) -> "SeriesJudgement":
        """Return the judgement of a series that shows to be of another kind."""
        return replace(self, kind=finding.kind, outcome=finding.kind.outcome, reason=finding.reason)

    def __str__(self) -> str:
        return f"{self.outcome} ({self.kind})" + (f": {self.reason}" if self.reason else "")


COLUMNS = (
    *("modality", "description", "kernel", "thickness", "spacing", "orientation", "unit"),
    *("kind", "outcome", "reason"),
)
"""Columns of a table of series, attributes of `SeriesJudgement`."""


class LeftOut(InputError):
    """An image that is sound and is not scored; raised where its kind shows only when its pixels are read.

    Args:
        finding: its kind, and the clause that says by what it is known.
        file: the image.
    """

    def __init__(self, finding: Finding, file: object = None) -> None:
        super().__init__(f"is left out ({finding.kind}): {finding.reason}", "", None if file is None else str(file))
        self.finding = finding

    def __reduce__(self) -> tuple[type["LeftOut"], tuple[Finding, object]]:
        return LeftOut, (self.finding, self.file)
