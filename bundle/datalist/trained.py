"""Which slices a training has learned from, or others of their patients, so that they do not judge what it is worth."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bundle.datalist.deduplicate import is_group
from bundle.datalist.schema import Row

_OF_A_SLICE = ("image", "slice", "study", "series", "position")
_OF_A_PATIENT = ("patient", "site")


def find_trained(rows: Sequence[Row], training: Sequence[Row]) -> NDArray[np.bool_]:
    """Return for each row whether a training had its slice, or a slice of its patient, [n].

    A slice is known by its file, study, series and position, a patient by pseudonym and site. Two hospitals that number
    their patients alike, and are not told apart by ``site``, are taken for one.

    Args:
        rows: of a datalist.
        training: the rows of the datalist with which the training was made, perhaps another than that of `rows`.

    Example:
        >>> training = [{"image": "a.png", "patient": "p1"}, {"image": "b.png", "patient": "group-000000"}]
        >>> rows = [
        ...     {"image": "c.png", "patient": "p1"},
        ...     {"image": "d.png", "patient": "group-000000"},
        ...     {"image": "b.png", "patient": "group-000007"},
        ... ]
        >>> find_trained(rows, training)
        array([ True, False,  True])
    """
    slices = {_key(row, _OF_A_SLICE) for row in training}
    patients = {_key(row, _OF_A_PATIENT) for row in training if not is_group(row["patient"])}
    known = (_key(row, _OF_A_SLICE) in slices or _key(row, _OF_A_PATIENT) in patients for row in rows)
    return np.fromiter(known, dtype=bool, count=len(rows))


def _key(row: Row, names: Sequence[str]) -> tuple[object, ...]:
    return tuple(row.get(name) for name in names)
