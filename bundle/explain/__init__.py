"""Why the network said so: heat maps over the slice as it was read."""

from bundle.explain.check import check_explanations
from bundle.explain.explainer import Explainer, Explanation
from bundle.explain.heat_maps import METHODS, heat_maps
from bundle.explain.pointing import TOLERANCE

__all__ = [
    "METHODS",
    "TOLERANCE",
    "Explainer",
    "Explanation",
    "check_explanations",
    "heat_maps",
]
