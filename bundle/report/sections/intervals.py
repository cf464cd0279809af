"""How sure the figures of the whole split are."""

from bundle.metrics import resampled_metrics
from bundle.report.evaluation import Evaluation
from bundle.report.intervals import clusters_of, figures_with_intervals
from bundle.report.sections.section import Content
from bundle.statistics import LEVEL, RESAMPLES


def intervals(evaluation: Evaluation) -> Content:
    """Return ``{"level", "resamples", "clusters", "metrics"}``; the last is name → low and high, or None."""
    predictions, clusters = evaluation.predictions, clusters_of(evaluation.predictions)
    figures = resampled_metrics(predictions.probabilities, predictions.labels, predictions.task, evaluation.threshold)
    found = figures_with_intervals(figures, clusters)
    return {
        "level": LEVEL,
        "resamples": RESAMPLES,
        "clusters": len(set(clusters)),
        "metrics": {name: figure["interval"] for name, figure in found.items()},
    }
