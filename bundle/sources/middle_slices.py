"""What the slices in the middle of a series show, where its header alone would be believed."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from bundle.errors import InputError
from bundle.gate import Kind, Outcome, find_no_tissue
from bundle.intensity import Intensity
from bundle.readers import read_slice
from bundle.sources.judged_series import Series

LEAST_SLICES = 10
"""Of a whole head, as `bundle.heads` has it."""

_LOOKED_AT = (0.5, 0.4, 0.6, 0.3, 0.7)
"""Where along the series, one after the other until one shows tissue: most series cost one slice."""


def seen_in_the_middle(series: Series) -> Series:
    """Return a series, with a caution where it is DICOM and its pixels do not bear its header out.

    One that is said to be in HU and is not is of unknown unit. One whose slices in the middle cannot be read stays what
    it is, but others of its study that show the same are plainer.

    Fewer slices than a whole head has are believed: they are never routine, and may all be of the vertex.
    """
    judgement = series.judgement
    if series.facts is None or judgement.outcome is Outcome.LEFT_OUT or len(series.rows) < LEAST_SLICES:
        return series
    if judgement.kind is Kind.UNKNOWN_UNIT:
        return series
    unread: list[InputError] = []
    if finding := find_no_tissue(_in_hu(series, unread)):
        return replace(series, judgement=judgement.found(finding))
    if len(unread) < len(_LOOKED_AT):
        return series
    broken = f"none of the slices in its middle can be read: one {unread[0].problem}"
    reason = ", and ".join(filter(None, (judgement.reason, broken)))
    return replace(series, judgement=replace(judgement, outcome=Outcome.CAUTION, reason=reason))


def _in_hu(series: Series, unread: list[InputError]) -> Iterator[np.ndarray]:
    last = len(series.rows) - 1
    for share in _LOOKED_AT:
        try:
            seen = read_slice(series.rows[int(share * last)])
        except InputError as error:  # it fails again when it is scored, and is missing of its head
            unread.append(error)
            continue
        if seen.intensity is Intensity.HU:
            yield seen.pixels
