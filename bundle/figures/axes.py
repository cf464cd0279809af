"""Figures drawn without a display and without global state: size, axes, legend and file."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend import Legend

CURVE_SIZE = (5.6, 5.9)
"""Of a figure of curves, width and height in inches."""

_DPI = 150


def new_figure(size: tuple[float, float]) -> Figure:
    """Return an empty figure of so many inches, width and height."""
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def unit_axes(x: str, y: str) -> tuple[Figure, Axes]:
    """Return a figure with square axes from 0 to 1 with these names."""
    figure = new_figure(CURVE_SIZE)
    axes = figure.add_subplot()
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.02), aspect="equal")
    style_axes(axes, x, y)
    return figure, axes


def style_axes(axes: Axes, x: str, y: str) -> None:
    """Name the axes and make them look like all others."""
    axes.set_xlabel(x, fontsize=11)
    axes.set_ylabel(y, fontsize=11)
    axes.tick_params(labelsize=10)
    axes.grid(color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def legend_below(figure: Figure, title: str) -> None:
    """Draw the legend below the axes, in two columns where they fit; inside it would hide the curve of a rare label."""
    legend = _legend(figure, title, 2)
    extent = legend.get_window_extent()
    if extent.width > figure.bbox.width:
        legend.remove()
        higher = _legend(figure, title, 1).get_window_extent().height - extent.height
        figure.set_figheight(figure.get_figheight() + higher / figure.dpi)


def _legend(figure: Figure, title: str, columns: int) -> Legend:
    return figure.legend(
        loc="outside lower center", ncols=columns, title=title, fontsize=10, title_fontsize=10, frameon=False,
        handlelength=3,
    )  # fmt: skip


def save_figure(figure: Figure, path: Path | str) -> Path:
    """Save a figure as PNG and return its path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without the name of the software the same figure is the same file everywhere.
    figure.savefig(path, format="png", dpi=_DPI, metadata={"Software": None})
    return path


def draw_diagonal(axes: Axes, start: tuple[float, float] = (0, 0), end: tuple[float, float] = (1, 1)) -> None:
    """Draw the thin grey line that stands for chance, or for perfect agreement."""
    axes.plot([start[0], end[0]], [start[1], end[1]], color="#999999", linewidth=0.8)
