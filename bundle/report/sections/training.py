"""The course of the training."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bundle.figures import COLOURS, new_figure, style_axes
from bundle.report.evaluation import Evaluation
from bundle.report.sections.section import Content


def draw_training(evaluation: Evaluation, summary: Content) -> dict[str, Figure | None]:
    """Draw the history; None where none is known."""
    return {"history": history_figure(evaluation.history) if evaluation.history else None}


def history_figure(history: Mapping[str, np.ndarray]) -> Figure:
    """Draw how losses (left) and scores of *any* (right) went over the epochs.

    Args:
        history: see `bundle.predictions.read_history`; its columns ``…loss`` but ``log_loss``, and ``val_accuracy``,
            ``val_f1``, ``val_auc_any``, ``val_auc_macro`` where present.
    """
    scores = ("val_auc_any", "val_auc_macro", "val_accuracy", "val_f1")
    losses = [name for name in history if name.endswith("loss") and not name.endswith("log_loss")]
    figure = new_figure((9.6, 3.8))
    for position, (title, names) in enumerate((("Loss", losses), ("Score (validation)", scores)), start=1):
        axes = figure.add_subplot(1, 2, position)
        style_axes(axes, "Epoch", title)
        for index, name in enumerate(each for each in names if each in history):
            axes.plot(
                history["epoch"], history[name], label=name.removeprefix("val_") if names is scores else name,
                color=COLOURS[4 - index % 5], linestyle=("-", "--", "-.", ":")[index % 4], marker="o", markersize=3,
            )  # fmt: skip
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize=9, frameon=False)
        else:
            axes.text(0.5, 0.5, "not recorded", ha="center", transform=axes.transAxes, fontsize=10)
    return figure
