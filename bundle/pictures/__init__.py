"""Pictures of slices: grey levels, a heat map over them, and what is written on them; no PyTorch, no Matplotlib."""

from bundle.pictures.captions import (
    FOR_RESEARCH,
    NO_SIDES,
    NOT_FOR_DIAGNOSIS,
    Captions,
    draw_captions,
    draw_legend,
    slice_captions,
)
from bundle.pictures.colours import heat_colours
from bundle.pictures.heat_map import Explainer, HeatMap, heat_of_evidence, scaled
from bundle.pictures.overlay import display_grey, overlay
from bundle.pictures.restore import restore

__all__ = [
    "FOR_RESEARCH",
    "NOT_FOR_DIAGNOSIS",
    "NO_SIDES",
    "Captions",
    "Explainer",
    "HeatMap",
    "display_grey",
    "draw_captions",
    "draw_legend",
    "heat_colours",
    "heat_of_evidence",
    "overlay",
    "restore",
    "scaled",
    "slice_captions",
]
