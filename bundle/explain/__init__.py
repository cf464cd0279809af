"""Why the network said so: heat maps over the slice as it was read."""

from bundle.explain.explain_slices import explain_slices
from bundle.explain.gradcam import bleed_class, gradcam
from bundle.explain.overlay import display_grey, overlay
from bundle.explain.restore import restore
from bundle.explain.slice_overlay import read_slice, slice_overlay

__all__ = [
    "bleed_class",
    "display_grey",
    "explain_slices",
    "gradcam",
    "overlay",
    "read_slice",
    "restore",
    "slice_overlay",
]
