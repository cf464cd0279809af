"""Why the network said so: heat maps over the slice as it was read."""

from bundle.explain.check import check_explanations
from bundle.explain.explain_slices import explain_samples, explain_slices, extra_inputs
from bundle.explain.heat_maps import METHODS, heat_maps, likeliest_bleed
from bundle.explain.overlay import display_grey, overlay
from bundle.explain.pointing import TOLERANCE
from bundle.explain.restore import restore
from bundle.explain.slice_overlay import slice_overlay

__all__ = [
    "METHODS",
    "TOLERANCE",
    "check_explanations",
    "display_grey",
    "explain_samples",
    "explain_slices",
    "extra_inputs",
    "heat_maps",
    "likeliest_bleed",
    "overlay",
    "restore",
    "slice_overlay",
]
