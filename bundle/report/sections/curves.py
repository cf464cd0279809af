"""ROC and precision-recall curves of each label."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from bundle.figures import COLOURS, DASHES, draw_diagonal, legend_below, unit_axes
from bundle.labels import ANY, LABELS
from bundle.metrics import PrecisionRecallCurve, RocCurve, precision_recall_curves, roc_curves
from bundle.report.evaluation import Evaluation
from bundle.report.sections.section import Content


def draw_curves(evaluation: Evaluation, summary: Content) -> dict[str, Figure | None]:
    """Draw both figures; None where no label has known positive and negative slices."""
    predictions = evaluation.predictions
    scores = predictions.probabilities, predictions.labels, predictions.task
    roc = roc_curves(*scores)
    if not roc:
        return {"roc": None, "precision_recall": None}
    positives = {name: summary["labels"][name]["positive"] for name in roc}
    auc, average_precision = (
        {name: summary["metrics"][f"{metric}_{name}"] for name in roc} for metric in ("auc", "average_precision")
    )
    return {
        "roc": roc_figure(roc, auc, positives),
        "precision_recall": precision_recall_figure(precision_recall_curves(*scores), average_precision, positives),
    }


def roc_figure(curves: Mapping[str, RocCurve], auc: Mapping[str, float], positives: Mapping[str, int]) -> Figure:
    """Draw the ROC curve of each label.

    Args:
        curves: label → curve, see `bundle.metrics.roc_curves`.
        auc: label → area under it.
        positives: label → number of positive slices.
    """
    figure, axes = unit_axes("False positive rate (1 − specificity)", "True positive rate (sensitivity)")
    draw_diagonal(axes)
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


def _in_order(curves: Mapping) -> list[tuple]:
    return [(name, curves[name]) for name in (ANY, *LABELS[:-1]) if name in curves]


def _line(name: str) -> dict:
    index = LABELS.index(name)
    return {"color": COLOURS[index], "linestyle": DASHES[index], "linewidth": 2.4 if name == ANY else 1.7}
