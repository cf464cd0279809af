"""What an inference says in the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundle.results.records import Records
from bundle.results.summary import describe_objects, summarize

NOTHING_SCORED = 1
"""Exit status when no slice could be scored."""
SOME_FAILED = 2
"""Exit status when results were written, but at least one file could not be used."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What was written about some images."""

    records: Records
    """What is reported, as in results.json."""
    about: Mapping[str, Any]
    """What results.json says besides."""
    missing: Sequence[str]
    """Sentences that say of what there is no calibration."""
    model: str
    """Runtime and file that scored them."""
    folder: Path
    """Of the results."""
    dicom_dir: Path | None = None
    """Of the DICOM objects; None where none were asked for."""

    @property
    def status(self) -> int:
        """The exit status: 0 when all was scored, `NOTHING_SCORED`, or `SOME_FAILED`."""
        if not self.records.slices:
            return NOTHING_SCORED
        return SOME_FAILED if self.records.failed else 0

    def summary(self) -> str:
        """Return the verdict of each head and what was scored, left out and failed, in lines."""
        lines = [summarize(self.records, self.missing, self.folder), f"runtime: {self.model}"]
        if self.dicom_dir is not None:
            lines.append(describe_objects(self.records, self.dicom_dir))
        return "\n".join(lines)
