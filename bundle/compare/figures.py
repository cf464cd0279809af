"""The figures of a comparison: all candidates in one picture."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bundle.compare.results import Candidate
from bundle.figures import COLOURS, confusion_figure, draw_diagonal, legend_below, new_figure, style_axes, unit_axes
from bundle.labels import ANY, CLASSES, SUBTYPES
from bundle.metrics import roc_curves

HEADLINE = {"accuracy": "Accuracy", "precision": "Precision", "recall": "Recall", "f1": "F1", "auc_any": "AUC"}
"""The figures of *any* by which models are compared, and their names for people."""


def draw_comparison(candidates: Sequence[Candidate], comparison: Mapping[str, Any]) -> dict[str, Figure | None]:
    """Return every figure of a comparison by name, None for those that have nothing to show.

    Args:
        candidates: what is compared; of several seeds, curves and matrices are those of the first, and of several folds
            the course of the training.
        comparison: see `bundle.compare.comparison.compare`.
    """
    lines = _lines(candidates)
    of_any = {each["name"]: np.array(each["confusion"]["any"]) for each in comparison["candidates"]}
    of_subtypes = {f"recall_{name}": name for name in SUBTYPES} if comparison["task"] != "binary" else {}
    return {
        "figures": _intervals_figure(comparison, HEADLINE, lines),
        "subtypes": _intervals_figure(comparison, of_subtypes, lines) if of_subtypes else None,
        "roc": _roc_figure(candidates, comparison, lines),
        "training": _training_figure(candidates, lines),
        **{
            f"confusion_{name}": confusion_figure(matrix, CLASSES["binary"]) if matrix.any() else None
            for name, matrix in of_any.items()
        },
    }


def _lines(candidates: Sequence[Candidate]) -> dict[str, dict[str, Any]]:
    """Return how each candidate is drawn: a colour a model, dashes without the mask."""
    models = list(dict.fromkeys(candidate.model.name for candidate in candidates))
    return {
        each.name: {
            "color": COLOURS[(4 - models.index(each.model.name)) % len(COLOURS)],
            "linestyle": "-" if each.mask else "--",
        }
        for each in candidates
    }


def _intervals_figure(
    comparison: Mapping[str, Any], names: Mapping[str, str], lines: Mapping[str, Mapping[str, Any]]
) -> Figure:
    rows = comparison["candidates"]
    figure = new_figure((11, 1.3 + 0.32 * len(rows)))
    for position, (name, title) in enumerate(names.items(), start=1):
        axes = figure.add_subplot(1, len(names), position)
        style_axes(axes, title.capitalize() if title != "AUC" else title, "")
        for row, candidate in enumerate(rows):
            metric, colour = candidate["metrics"][name], lines[candidate["name"]]["color"]
            if metric["value"] is not None:
                filled = colour if candidate["mask"] else "white"
                axes.plot(metric["value"], row, marker="o", color=colour, markerfacecolor=filled, linestyle="none")
            if metric["interval"]:
                axes.plot(metric["interval"], [row, row], color=colour, linewidth=1.4)
            printed = comparison["paper"]["figures"].get(candidate["model"], {}).get(name)
            if printed is not None and candidate["mask"] == (candidate["model"] == "full"):
                axes.plot(printed, row, marker="x", color="#666666", linestyle="none")
        axes.set(xlim=(-0.03, 1.03), ylim=(len(rows) - 0.5, -0.5))
        axes.set_xticks([0, 0.5, 1])
        axes.set_yticks(range(len(rows)), [each["title"] for each in rows] if position == 1 else [""] * len(rows))
        axes.tick_params(labelsize=9)
    return figure


def _roc_figure(
    candidates: Sequence[Candidate], comparison: Mapping[str, Any], lines: Mapping[str, Mapping[str, Any]]
) -> Figure | None:
    figure, axes = unit_axes("False positive rate (1 − specificity)", "True positive rate (sensitivity)")
    draw_diagonal(axes)
    for candidate, row in zip(candidates, comparison["candidates"], strict=True):
        first = candidate.results[0].predictions
        curve = roc_curves(first.probabilities, first.labels, first.task).get(ANY)
        if curve is None:
            return None
        auc = row["metrics"]["auc_any"]["seeds"][0]
        axes.plot(
            curve.false_positive_rate, curve.true_positive_rate, label=f"{candidate.title} {auc:.3f}",
            **lines[candidate.name],
        )  # fmt: skip
    legend_below(figure, "AUC of any hemorrhage")
    return figure


def _training_figure(candidates: Sequence[Candidate], lines: Mapping[str, Mapping[str, Any]]) -> Figure:
    figure = new_figure((11, 4.6))
    columns = {
        "train_loss": "Loss (training)",
        "val_loss": "Loss (validation)",
        "val_accuracy": "Accuracy (validation)",
    }
    for position, (column, title) in enumerate(columns.items(), start=1):
        axes = figure.add_subplot(1, len(columns), position)
        style_axes(axes, "Epoch", title)
        for candidate in candidates:
            history = candidate.results[0].histories[0]
            if column in history:
                axes.plot(
                    history["epoch"], history[column], marker="o", markersize=3,
                    label=candidate.title if position == 1 else None, **lines[candidate.name],
                )  # fmt: skip
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_below(figure, "")
    return figure
