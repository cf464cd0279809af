"""How well scores rank positives above negatives."""

import numpy as np

from bundle.statistics import Values, WeightedMetrics, ratio


def weighted_ranking(truth: np.ndarray, score: np.ndarray) -> WeightedMetrics:
    """Return a function of weights that gives ``auc`` and ``average_precision``, NaN where one class is missing.

    They are those of scikit-learn's `roc_auc_score` and `average_precision_score` with sample weights, for many rows
    of weights at once.

    Args:
        truth: [N], 1 or 0.
        score: [N]; ties count half in the AUC.

    Example:
        >>> ranking = weighted_ranking(np.array([1, 0, 1]), np.array([0.9, 0.5, 0.4]))
        >>> ranking(np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]]))["auc"]
        array([0.5, 1. ])
    """
    if not len(score):
        return lambda weights: dict.fromkeys(("auc", "average_precision"), np.full(len(weights), np.nan))
    order = np.argsort(score, kind="stable")
    # Where each run of equal scores starts.
    starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))
    positive = truth[order] == 1

    def metrics(weights: np.ndarray) -> Values:
        ordered = weights[:, order]
        if len(starts) < len(order):
            positives = np.add.reduceat(ordered * positive, starts, axis=1)
            negatives = np.add.reduceat(ordered * ~positive, starts, axis=1)
        else:
            positives, negatives = ordered * positive, ordered * ~positive
        below, negatives_up_to = positives.sum(axis=1), np.cumsum(negatives, axis=1)
        all_negatives = negatives_up_to[:, -1]
        won = np.einsum("rg,rg->r", positives, negatives_up_to - negatives / 2)
        from_here = np.cumsum(positives[:, ::-1], axis=1)[:, ::-1]
        called = from_here + all_negatives[:, None] - negatives_up_to + negatives
        precision = np.divide(from_here, called, out=np.zeros_like(called), where=called > 0)
        found = np.einsum("rg,rg->r", positives, precision)
        two_sided = np.where(all_negatives > 0, below, 0)
        return {"auc": ratio(won, below * all_negatives), "average_precision": ratio(found, two_sided)}

    return metrics
