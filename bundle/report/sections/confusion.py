"""Confusion matrices of *any* and of the classes."""

import numpy as np
from matplotlib.figure import Figure

from bundle.figures import confusion_figure
from bundle.labels import CLASSES
from bundle.report.evaluation import Evaluation
from bundle.report.sections.section import Content


def draw_confusion(evaluation: Evaluation, summary: Content) -> dict[str, Figure | None]:
    """Draw each matrix; None where it counts no slice, and for the classes of a task without subtypes."""
    names = {"any": CLASSES["binary"], "classes": CLASSES["subtype"]}
    matrices = {name: np.array(summary["confusion"].get(name, [])) for name in names}
    return {
        f"confusion_{name}": confusion_figure(matrix, names[name]) if matrix.any() else None
        for name, matrix in matrices.items()
    }
