"""Why heads cannot be routine, whatever scored their slices and whoever asks."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bundle.results.collected import Collected
from bundle.results.field_of_view import doubtful_views
from bundle.results.places import copied_slices, mixed_heads
from bundle.results.records import lost_slices, series_of, unread_beside


class Doubts(NamedTuple):
    """What is missing of heads, and what else is not as it should be."""

    lost: Sequence[Mapping[str, Any]]
    """A row for each slice that could not be scored, see `lost_slices`."""
    clauses: Mapping[tuple[str, str, str], str]
    """Name of a series, see `series_of` → why it cannot be routine besides."""

    @property
    def incomplete(self) -> set[tuple[str, str, str]]:
        """Names of the series that are not seen as a whole."""
        return {*map(series_of, self.lost), *self.clauses}


def find_doubts(
    rows: Sequence[Mapping[str, Any]],
    collected: Collected,
    rejected: Sequence[Mapping[str, Any]],
    lacking: Sequence[str] = (),
) -> Doubts:
    """Return why the heads of slices cannot be routine, but for what their scores and positions say.

    Args:
        rows: of the slices, as `bundle.sources.unlabelled.find_images` gives them, whose "image" is a path.
        collected: what is known of them.
        rejected: what was no usable image, as the same gives it.
        lacking: clauses about what is not among them, and could be of any of the heads.
    """
    seen = [row for row, scored in zip(rows, collected.scored, strict=True) if scored]
    beside = [dict.fromkeys(map(series_of, seen), clause) for clause in lacking]
    found = [mixed_heads(seen), copied_slices(seen), unread_beside(rejected), *beside, doubtful_views(seen)]
    names = dict.fromkeys(name for each in found for name in each)
    clauses = {name: "; ".join(each[name] for each in found if name in each) for name in names}
    return Doubts(lost_slices(rows, collected, rejected), clauses)
