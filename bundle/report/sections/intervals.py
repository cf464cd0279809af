"""How sure the figures of the whole split are."""

from bundle.metrics import weighted_metrics
from bundle.report.evaluation import Evaluation
from bundle.report.sections.section import Content
from bundle.statistics import LEVEL, RESAMPLES, with_intervals


def intervals(evaluation: Evaluation) -> Content:
    """Return ``{"level", "resamples", "clusters", "metrics"}``; the last is name → low and high, or None."""
    predictions, clusters = evaluation.predictions, evaluation.predictions.clusters
    metrics = weighted_metrics(predictions.probabilities, predictions.labels, predictions.task, evaluation.threshold)
    found = with_intervals(metrics, clusters)
    return {
        "level": LEVEL,
        "resamples": RESAMPLES,
        "clusters": len(set(clusters)),
        "metrics": {name: metric["interval"] for name, metric in found.items()},
    }
