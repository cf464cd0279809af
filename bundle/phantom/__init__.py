"""A head phantom: CT and MR slices of random heads with the five subtypes of intracranial bleeds."""

from bundle.phantom.conformant import Conformant
from bundle.phantom.contrast import CONTRASTS, Contrast
from bundle.phantom.dataset import BRAIN, FIRST_BLEED, PhantomSet, write_phantoms
from bundle.phantom.head import MIN_AREA, Head, make_head
from bundle.phantom.manifest import Manifest

__all__ = [
    "BRAIN",
    "CONTRASTS",
    "FIRST_BLEED",
    "MIN_AREA",
    "Conformant",
    "Contrast",
    "Head",
    "Manifest",
    "PhantomSet",
    "make_head",
    "write_phantoms",
]
