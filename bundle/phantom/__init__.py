"""A head phantom: CT and MR slices of random heads with the five subtypes of intracranial bleeds."""

from bundle.phantom.contrast import CONTRASTS, Contrast
from bundle.phantom.head import MIN_AREA, Head, make_head

__all__ = ["CONTRASTS", "MIN_AREA", "Contrast", "Head", "make_head"]
