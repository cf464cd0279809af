"""Images whose pixels are identical."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bundle.datalist.schema import Row, row_name
from bundle.labels import LABELS, Label, check_label


class Repeat(NamedTuple):
    """Why a row is to be left out."""

    other: int
    """Index of a row with the same pixels."""
    contradicts: bool
    """Whether the labels of identical images contradict each other."""
    reason: str


def find_repeats(rows: Sequence[Row], digests: Sequence[str]) -> dict[int, Repeat]:
    """Return the indices of the rows to leave out, and why.

    Of identical images with one label a single row stays: a second one would count twice in loss and metrics, and
    could land on the other side of a split. It is the one whose label knows most, and of those the first; what others
    know beyond it, `with_labels_of_repeats` adds.
    Where one label says 1 and another 0, of the slice or of its head, nobody can tell which is right, and no row stays;
    an unknown value contradicts nothing.

    Args:
        rows: with ``image``, ``label`` and perhaps ``slice`` and ``study_label``.
        digests: `bundle.datalist.Fingerprint.digest` of each, "" where it is not known.

    Example:
        >>> rows = [{"image": "a.png", "label": [0] * 6}, {"image": "b.png", "label": [0] * 6}]
        >>> find_repeats(rows, digests=["5f2c", "5f2c"])
        {1: Repeat(other=0, contradicts=False, reason='has the pixels of a.png, which is kept')}
    """
    identical = defaultdict(list)
    for index, digest in enumerate(digests):
        if digest:
            identical[digest].append(index)
    repeats = {}
    for indices in identical.values():
        if len(indices) == 1:
            continue
        labels = {index: _told(rows[index]) for index in indices}
        if _contradict(list(labels.values())):
            for index in indices:
                other = next(other for other in indices if other != index)
                reason = f"has the pixels of {row_name(rows[other])}, and the labels of such images contradict"
                repeats[index] = Repeat(other, True, reason)
        else:
            kept = min(indices, key=lambda index: labels[index].count(None))
            reason = f"has the pixels of {row_name(rows[kept])}, which is kept"
            repeats |= {index: Repeat(kept, False, reason) for index in indices if index != kept}
    return repeats


def with_labels_of_repeats(rows: Sequence[Row], repeats: Mapping[int, Repeat]) -> list[Row]:
    """Return the rows, each that is kept with what the labels of its repeats know and its own does not.

    Args:
        rows: see `find_repeats`.
        repeats: what it returned.

    Example:
        >>> rows = [{"image": name, "label": label} for name, label in (("a", [1, None, 1]), ("b", [None, 1, 1]))]
        >>> with_labels_of_repeats(rows, {1: Repeat(0, False, "")})[0]
        {'image': 'a', 'label': [1, 1, 1]}
    """
    result = list(rows)
    for index, repeat in repeats.items():
        if repeat.contradicts:
            continue
        kept = result[repeat.other]
        for name in ("label", "study_label"):
            if name in kept and name in rows[index]:
                pairs = zip(kept[name], rows[index][name], strict=True)
                kept = {**kept, name: [other if own is None else own for own, other in pairs]}
        result[repeat.other] = kept
    return result


def _contradict(labels: Sequence[Label]) -> bool:
    """Return whether labels of one slice and its head cannot all be true, be it only together."""
    known = [set(values) - {None} for values in zip(*labels, strict=True)]
    if any(len(values) > 1 for values in known):
        return True
    together = [next(iter(values), None) for values in known]
    try:
        check_label(together[: len(LABELS)])
        check_label(together[len(LABELS) :])
    except ValueError:
        return True
    return False


def _told(row: Row) -> Label:
    """Return what is said of a slice and of its head."""
    return [*row["label"], *row.get("study_label", [None] * len(LABELS))]
