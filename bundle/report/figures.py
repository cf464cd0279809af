"""The figures of the report, drawn without a display and without global state."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bundle.labels import ANY, LABELS
from bundle.metrics import PrecisionRecallCurve, RocCurve
from bundle.uncertainty import RiskCoverage

COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#0072B2", "#000000")
"""Okabe and Ito's palette (https://jfly.uni-koeln.de/color/)."""

# They tell the lines apart without any colour.
_DASHES = ("--", "-.", ":", (0, (6, 2, 1, 2, 1, 2)), (0, (8, 3)), "-")
_CURVE_SIZE = (5.6, 5.9)
_MATRIX_SIZE = (5.6, 5.1)
_DPI = 150


def roc_figure(curves: Mapping[str, RocCurve], auc: Mapping[str, float], positives: Mapping[str, int]) -> Figure:
    """Draw the ROC curve of each label.

    Args:
        curves: label → curve, see `bundle.metrics.roc_curves`.
        auc: label → area under it.
        positives: label → number of positive slices.
    """
    figure, axes = unit_axes("False positive rate (1 − specificity)", "True positive rate (sensitivity)")
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=0.8)
    for name, curve in _in_order(curves):
        axes.plot(
            curve.false_positive_rate, curve.true_positive_rate,
            label=f"{name} {auc[name]:.3f} ({positives[name]})", **_line(name),
        )  # fmt: skip
    legend_below(figure, "AUC (positive slices)")
    return figure


def precision_recall_figure(
    curves: Mapping[str, PrecisionRecallCurve], average_precision: Mapping[str, float], positives: Mapping[str, int]
) -> Figure:
    """Draw the precision-recall curve of each label.

    Args:
        curves: label → curve, see `bundle.metrics.precision_recall_curves`.
        average_precision: label → average precision.
        positives: label → number of positive slices.
    """
    figure, axes = unit_axes("Recall (sensitivity)", "Precision (positive predictive value)")
    for name, curve in _in_order(curves):
        axes.plot(
            curve.recall, curve.precision, drawstyle="steps-post",
            label=f"{name} {average_precision[name]:.3f} ({positives[name]})", **_line(name),
        )  # fmt: skip
    legend_below(figure, "Average precision (positive slices)")
    return figure


def confusion_figure(matrix: np.ndarray, names: Sequence[str]) -> Figure:
    """Draw a confusion matrix with its counts; a cell's shade is its share of the row.

    Args:
        matrix: int [C, C], rows the truth, columns the network.
        names: of the C classes.
    """
    counts = np.asarray(matrix)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    figure = new_figure(_MATRIX_SIZE)
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


def reliability_figure(points: Mapping[str, Sequence[Mapping[str, float]]]) -> Figure:
    """Draw a reliability diagram: on the diagonal, what the network says is as often true.

    Args:
        points: name of a curve, such as ``before`` → its bins, each with ``count``, ``predicted`` and ``observed``.
    """
    figure, axes = unit_axes("Mean predicted P(any)", "Share of slices with a bleed")
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=0.8)
    for index, (name, bins) in enumerate(points.items()):
        predicted, observed, count = (
            np.array([each[key] for each in bins]) for key in ("predicted", "observed", "count")
        )
        label = f"{name} temperature scaling" if len(points) > 1 else "as the network says"
        colour = COLOURS[4 - 3 * index]
        axes.plot(predicted, observed, color=colour, linestyle=("-", "--")[index], linewidth=1.7, label=label)
        axes.scatter(predicted, observed, s=12 + 160 * count / count.sum(), color=colour, alpha=0.6)
    legend_below(figure, "The larger a dot, the more slices")
    return figure


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


def risk_coverage_figure(curves: Mapping[str, RiskCoverage], points: Mapping[str, tuple[float, float]]) -> Figure:
    """Draw the errors left against the share of slices referred to a radiologist.

    Args:
        curves: what the doubt is → errors left when the most doubtful are referred first.
        points: level of the rule → what it refers, and the errors it leaves, as shares of all slices.
    """
    figure = new_figure(_CURVE_SIZE)
    axes = figure.add_subplot()
    style_axes(axes, "Share of slices referred", "Errors left, share of all slices")
    most = max(curve.errors[0] for curve in curves.values())
    axes.plot([0, 1], [most, 0], color="#999999", linewidth=0.8)
    for index, (name, curve) in enumerate(curves.items()):
        axes.plot(
            curve.referred, curve.errors, label=f"by {name}", color=COLOURS[4 - index], linestyle=_DASHES[-1 - index],
            linewidth=1.7,
        )  # fmt: skip
    for index, (level, (referred, errors)) in enumerate(points.items()):
        axes.plot(
            referred, errors, label=f"rule at {level}", color=COLOURS[5], linestyle="none", marker="os^D"[index % 4],
            markersize=7, markerfacecolor="white", clip_on=False,
        )  # fmt: skip
    axes.set(xlim=(0, 1), ylim=(0, None if most else 1))
    legend_below(figure, "What is referred first")
    return figure


def study_roc_figure(curves: Mapping[str, RocCurve], auc: Mapping[str, float]) -> Figure:
    """Draw the ROC curve of *any* by study, of each rule.

    Args:
        curves: rule → curve.
        auc: rule → area under it.
    """
    figure, axes = unit_axes("False positive rate (1 − specificity)", "True positive rate (sensitivity)")
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=0.8)
    for index, (rule, curve) in enumerate(curves.items()):
        axes.plot(
            curve.false_positive_rate, curve.true_positive_rate, label=f"{rule} {auc[rule]:.3f}",
            color=COLOURS[4 - index % 5], linestyle=_DASHES[-1 - index % 6], linewidth=1.7,
        )  # fmt: skip
    legend_below(figure, "Rule and its AUC by study")
    return figure


def save_figure(figure: Figure, path: Path | str) -> Path:
    """Save a figure as PNG and return its path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without the name of the software the same figure is the same file everywhere.
    figure.savefig(path, format="png", dpi=_DPI, metadata={"Software": None})
    return path


def new_figure(size: tuple[float, float]) -> Figure:
    """Return an empty figure of so many inches, width and height."""
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def deletion_figure(curves: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the mean deletion curves.

    Args:
        curves: "explained" and "random" → probability after each part of the pixels was blackened.
    """
    figure, axes = unit_axes("Share of the pixels blackened", "Probability of the explained bleed")
    for name, dashes in (("explained", "-"), ("random", "--")):
        axes.plot(np.linspace(0, 1, len(curves[name])), curves[name], label=name, color="#000000", linestyle=dashes)
    legend_below(figure, "Order")
    return figure


def unit_axes(x: str, y: str) -> tuple[Figure, Axes]:
    """Return a figure with square axes from 0 to 1 with these names."""
    figure = new_figure(_CURVE_SIZE)
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
    """Draw the legend below the axes; inside it would hide the curve of a rare label."""
    figure.legend(
        loc="outside lower center", ncols=2, title=title, fontsize=10, title_fontsize=10, frameon=False, handlelength=3
    )


def _in_order(curves: Mapping) -> list[tuple]:
    return [(name, curves[name]) for name in (ANY, *LABELS[:-1]) if name in curves]


def _line(name: str) -> dict:
    index = LABELS.index(name)
    return {"color": COLOURS[index], "linestyle": _DASHES[index], "linewidth": 2.4 if name == ANY else 1.7}
