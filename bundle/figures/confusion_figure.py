"""The figure of a confusion matrix."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from bundle.figures.axes import new_figure

_SIZE = (5.6, 5.1)


def confusion_figure(matrix: np.ndarray, names: Sequence[str]) -> Figure:
    """Draw a confusion matrix with its counts; a cell's shade is its share of the row.

    Args:
        matrix: int [C, C], rows the truth, columns the network.
        names: of the C classes.
    """
    counts = np.asarray(matrix)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    figure = new_figure(_SIZE)
    size = 12 if len(names) < 3 else 9
    axes = figure.add_subplot()
    # With square cells the layout would cut off the label at the left.
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, column in np.ndindex(*counts.shape):
        text = f"{counts[row, column]}\n{shares[row, column]:.0%}" if totals[row] else "0"
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=size)
    axes.set_xticks(range(len(names)), names, rotation=35, ha="right", rotation_mode="anchor", fontsize=10)
    axes.set_yticks(
        range(len(names)), [f"{name} ({total})" for name, total in zip(names, totals[:, 0], strict=True)], fontsize=10
    )
    axes.set_xlabel("Network", fontsize=11)
    axes.set_ylabel("Truth (slices)", fontsize=11)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure
