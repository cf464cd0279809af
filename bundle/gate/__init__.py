"""What an image is, by header and pixels, before it is scored: an axial, unenhanced head CT in HU, or what else.

The gate finds a `Kind`, and the kind says what becomes of the series. DICOM's own fields decide where they are, free
text after them, and pixels where there is no header. ``docs/gate.md`` has the table of kinds.
"""

from bundle.gate.header_facts import HeaderFacts, read_facts
from bundle.gate.header_rules import find_kind
from bundle.gate.judge import (
    judge_nifti,
    judge_other,
    judge_picture,
    judge_series,
    judge_slice,
    require_picture,
    require_scorable,
    require_volume,
)
from bundle.gate.judgement import COLUMNS, Finding, LeftOut, SeriesJudgement
from bundle.gate.kinds import Kind, Outcome
from bundle.gate.lost import Lost
from bundle.gate.pixel_rules import find_no_tissue, find_slice_kind
from bundle.gate.series_choice import Candidate, choose, choose_series, why_not
from bundle.gate.series_parts import split_series

__all__ = [
    "COLUMNS",
    "Candidate",
    "Finding",
    "HeaderFacts",
    "Kind",
    "LeftOut",
    "Lost",
    "Outcome",
    "SeriesJudgement",
    "choose",
    "choose_series",
    "find_kind",
    "find_no_tissue",
    "find_slice_kind",
    "judge_nifti",
    "judge_other",
    "judge_picture",
    "judge_series",
    "judge_slice",
    "read_facts",
    "require_picture",
    "require_scorable",
    "require_volume",
    "split_series",
    "why_not",
]
