"""What figures share: palette, axes, and grids of pictures; by Matplotlib."""

from bundle.figures.axes import (
    CURVE_SIZE,
    draw_diagonal,
    legend_below,
    new_figure,
    save_figure,
    style_axes,
    unit_axes,
)
from bundle.figures.confusion_figure import confusion_figure
from bundle.figures.mistakes_grid import mistakes_grid
from bundle.figures.palette import COLOURS, DASHES
from bundle.figures.picture_grid import picture_grid

__all__ = [
    "COLOURS",
    "CURVE_SIZE",
    "DASHES",
    "confusion_figure",
    "draw_diagonal",
    "legend_below",
    "mistakes_grid",
    "new_figure",
    "picture_grid",
    "save_figure",
    "style_axes",
    "unit_axes",
]
