"""Which slices a training has learned from, or others of their patients, so that they do not judge what it is worth."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bundle.datalist.deduplicate import is_group
from bundle.datalist.schema import Row

_Key = tuple[object, ...]
_Facts = tuple[object, ...]


def find_trained(rows: Sequence[Row], training: Sequence[Row]) -> NDArray[np.bool_]:
    """Return for each row whether a training had its slice, or a slice of its patient, [n].

    A slice is known by its file, and a patient by the pseudonym, or by the series where there is none, unless study,
    series, position or site, where both tell them, say otherwise. So they are where one datalist is of a single data
    set, and the other of several that ``scripts.prepare prepared`` made one. Two hospitals that number their patients
    alike, and are not told apart by ``site``, are taken for one.

    Args:
        rows: of a datalist.
        training: the rows of the datalist with which the training was made, perhaps another than that of `rows`.

    Example:
        >>> training = [{"image": "a.png", "patient": "p1"}, {"image": "b.png", "patient": "group-000000"}]
        >>> rows = [
        ...     {"image": "c.png", "patient": "p1"},
        ...     {"image": "d.png", "patient": "group-000000"},
        ...     {"image": "b.png", "patient": "group-000007", "series": "s1"},
        ...     {"image": "set/b.png", "patient": "set/group-000003", "site": "set"},
        ... ]
        >>> find_trained(rows, training)
        array([ True, False,  True,  True])
    """
    alone, gathered = _index(training), _index(map(_alone, filter(_is_gathered, training)))
    found = (
        _had(row, alone) or (_had(_alone(row), alone) if _is_gathered(row) else _had(row, gathered)) for row in rows
    )
    return np.fromiter(found, dtype=bool, count=len(rows))


def _index(training: Iterable[Row]) -> dict[_Key, set[_Facts]]:
    index: defaultdict[_Key, set[_Facts]] = defaultdict(set)
    for row in training:
        for key, facts in _told(row):
            index[key].add(facts)
    return index


def _had(row: Row, index: dict[_Key, set[_Facts]]) -> bool:
    return any(_agree(facts, other) for key, facts in _told(row) for other in index.get(key, ()))


def _told(row: Row) -> list[tuple[_Key, _Facts]]:
    """Return by what a row may be known, and what must not contradict then."""
    study, series, site = (row.get(name) or None for name in ("study", "series", "site"))
    told: list[tuple[_Key, _Facts]] = [
        (("image", row["image"], row.get("slice")), (study, series, row.get("position")))
    ]
    if not is_group(row["patient"]):
        told.append((("patient", row["patient"]), (site,)))
    elif series:
        told.append((("series", series), (study, site)))
    return told


def _agree(facts: _Facts, other: _Facts) -> bool:
    return all(a is None or b is None or a == b for a, b in zip(facts, other, strict=True))


def _is_gathered(row: Row) -> bool:
    return row["patient"].startswith(_set_of(row))


def _set_of(row: Row) -> str:
    return row["image"].partition("/")[0] + "/"


def _alone(row: Row) -> Row:
    """Return a row as it was before `bundle.sources.prepared` gathered it."""
    start = len(_set_of(row))
    return {**row, "image": row["image"][start:], "patient": row["patient"][start:]}
