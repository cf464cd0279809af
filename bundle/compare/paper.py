"""What the paper reports: *Prediction of Brain Hemorrhage Using Deep Learning Techniques* (Phatangare & Chakre, 2025).

Of about 7,000 images, bleed against no bleed. Its figures are here as it prints them; what follows from its confusion
matrix is computed.
"""

REFERENCE = "Phatangare and Chakre, Prediction of Brain Hemorrhage Using Deep Learning Techniques, 2025"

FIGURES = {
    "vgg16": {"accuracy": 0.884, "auc_any": 0.902},
    "resnet50": {"accuracy": 0.912, "auc_any": 0.931},
    "seresnet50": {"accuracy": 0.936, "auc_any": 0.947},
    "full": {"accuracy": 0.946, "precision": 0.932, "recall": 0.929, "f1": 0.930, "auc_any": 0.954},
}
"""Name of the model (`bundle.compare.models.MODELS`) → figure → what the paper prints. Its full model has the mask."""

CONFUSION = {"tp": 3204, "fn": 244, "fp": 233, "tn": 3319}
"""The confusion matrix that the paper prints of its full model."""


def recomputed() -> dict[str, float]:
    """Return the figures that the paper's confusion matrix gives."""
    tp, fn, fp, tn = (CONFUSION[name] for name in ("tp", "fn", "fp", "tn"))
    return {
        "accuracy": (tp + tn) / (tp + fn + fp + tn),
        "precision": tp / (tp + fp),
        "recall": tp / (tp + fn),
        "f1": 2 * tp / (2 * tp + fp + fn),
    }
