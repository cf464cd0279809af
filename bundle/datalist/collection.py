"""What a source found in a dataset."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bundle.datalist.leakage import Leak
from bundle.datalist.schema import Row
from bundle.errors import InputError


class Skipped(NamedTuple):
    """An image that was left out, and why.

    Example:
        >>> error = InputError("has the modality PT", "give CT or MR of the head", "scans/a.dcm")
        >>> Skipped.from_error("a.dcm", Path("scans/a.dcm"), error)
        Skipped(image='a.dcm', reason='has the modality PT; give CT or MR of the head')
    """

    image: str
    reason: str

    @classmethod
    def from_error(cls, image: str, file: Path, error: InputError) -> "Skipped":
        """Take the reason from the error that reading `file` raised, without the path, which `image` names."""
        return cls(image, str(error.relative_to(file)))


@dataclass
class Collection:
    """What a source found in a dataset.

    Attributes:
        source: name of the source.
        rows: rows as in `bundle.datalist.schema`; ``patient`` may be missing.
        skipped: what it left out.
        notes: sentences to print.
        mask_values: what the values of the rows' masks mean, see `bundle.datalist.mask_values`.
        leaks: pairs of images that show the same slice in two sections; `bundle.datalist.build_datalists` fills it.
        leak_count: number of such pairs, of which `leaks` names at most 10,000.

    Example:
        >>> Collection("rsna", rows=[{"image": "a.dcm", "label": [0] * 6, "patient": "p1"}]).skipped
        []
    """

    source: str
    rows: list[Row]
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    mask_values: Mapping[int, str] = field(default_factory=dict)
    leaks: list[Leak] = field(default_factory=list)
    leak_count: int = 0
