"""What inference collects of two series, one of which has a slice that failed."""

import math

import numpy as np

from bundle.results import Collected
from bundle.uncertainty import LEVEL, Gaussian, Limits, Uncertainty
from tests.predictions.views import VIEW

P_ANY = (0.1, 0.9, 0.5, 0.4, 0.2)
"""Of the slices; the third failed, and what the network says of it has no meaning."""
DISTANCES = (1.0, 2.0, 99.0, 3.5, 9.25)
LIMITS = Limits(LEVEL, 0.3, 0.3, math.nan, 5.0)
UNCERTAINTY = Uncertainty("binary", (LIMITS,), Gaussian(np.zeros(2), np.eye(2)[:1], np.ones(1), np.float32(1)), VIEW)


def rows(folder="/scan"):
    """A DICOM series of three slices 4 mm apart, and a folder of two pictures, as `find_images` gives them."""
    dicom = [
        {"image": f"{folder}/ct/{n}.dcm", "study": "1.2", "series": "1.2.3", "sop": f"1.2.3.{n}", "position": 4.0 * n}
        for n in range(3)
    ]
    pictures = [
        {"image": f"{folder}/png/{name}.png", "study": "", "series": "png", "sop": "", "position": None}
        for name in "ab"
    ]
    return [*dicom, *pictures]


def collected(uncertain=True, reasons=("", "", "it is cut short", "", "")):
    """Return what is collected of `rows`, with an uncertainty file or without one."""
    probabilities = np.array([[1 - p, p] for p in P_ANY], dtype=np.float32)
    if not uncertain:
        return Collected(probabilities, reasons, no_uncertainty="there is no model.uncertainty.npz")
    return Collected(probabilities, reasons, np.array(DISTANCES), UNCERTAINTY)
