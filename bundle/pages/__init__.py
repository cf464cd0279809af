"""What pages and figures share: palette, axes, templates, captions and grids of pictures."""

from bundle.pages.axes import (
    CURVE_SIZE,
    draw_diagonal,
    legend_below,
    new_figure,
    save_figure,
    style_axes,
    unit_axes,
)
from bundle.pages.captions import (
    FOR_RESEARCH,
    NO_SIDES,
    NOT_FOR_DIAGNOSIS,
    Captions,
    draw_captions,
    draw_legend,
    slice_captions,
)
from bundle.pages.confusion_figure import confusion_figure
from bundle.pages.environment import data_uri, page_environment
from bundle.pages.mistakes_grid import mistakes_grid
from bundle.pages.palette import COLOURS, DASHES
from bundle.pages.picture_grid import picture_grid

__all__ = [
    "COLOURS",
    "CURVE_SIZE",
    "DASHES",
    "FOR_RESEARCH",
    "NOT_FOR_DIAGNOSIS",
    "NO_SIDES",
    "Captions",
    "confusion_figure",
    "data_uri",
    "draw_captions",
    "draw_diagonal",
    "draw_legend",
    "legend_below",
    "mistakes_grid",
    "new_figure",
    "page_environment",
    "picture_grid",
    "save_figure",
    "slice_captions",
    "style_axes",
    "unit_axes",
]
