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
    """Return a series, of unknown unit where it is DICOM said to be in HU and its pixels are not.

    Fewer slices than a whole head has are believed: they are never routine, and may all be of the vertex.
    """
    judgement = series.judgement
    if series.facts is None or judgement.outcome is Outcome.LEFT_OUT or len(series.rows) < LEAST_SLICES:
        return series
    finding = None if judgement.kind is Kind.UNKNOWN_UNIT else find_no_tissue(_in_hu(series))
    if finding is None:
        return series
    return replace(series, judgement=judgement.found(finding))


def _in_hu(series: Series) -> Iterator[np.ndarray]:
    last = len(series.rows) - 1
    for share in _LOOKED_AT:
        try:
            seen = read_slice(series.rows[int(share * last)])
        except InputError:  # it fails again when it is scored, and is missing of its head
            continue
        if seen.intensity is Intensity.HU:
            yield seen.pixels
