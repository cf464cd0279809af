"""The errors left against the share referred: figures, and their picture."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from bundle.figures import COLOURS, CURVE_SIZE, DASHES, draw_diagonal, legend_below, new_figure, style_axes
from bundle.uncertainty import RiskCoverage, risk_coverage

SHARES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)
"""Of all referred, at which the errors left are listed."""


def errors_left(wrong: np.ndarray, missed: np.ndarray, doubt: np.ndarray) -> dict[str, Any]:
    """Return ``{"area", "shares"}``: the area under the errors left, and ``{"referred", "errors", "missed"}`` each.

    Args:
        wrong: bool [N], what is called wrongly.
        missed: bool [N], which of these are bleeds.
        doubt: [N], higher where more doubtful.
    """
    errors, misses = (risk_coverage(each, doubt) for each in (wrong, missed))
    return {
        "area": float(np.trapezoid(errors.errors, errors.referred)),
        "shares": [
            {
                "referred": share,
                "errors": float(np.interp(share, errors.referred, errors.errors)),
                "missed": float(np.interp(share, misses.referred, misses.errors)),
            }
            for share in SHARES
        ],
    }


def risk_coverage_figure(
    curves: Mapping[str, RiskCoverage], points: Mapping[str, tuple[float, float]], of: str = "slices"
) -> Figure:
    """Draw the errors left against the share referred to a radiologist.

    Args:
        curves: what the doubt is → errors left when the most doubtful are referred first.
        points: level of the rule → what it refers, and the errors it leaves, as shares of all.
        of: what is referred.
    """
    figure = new_figure(CURVE_SIZE)
    axes = figure.add_subplot()
    style_axes(axes, f"Fraction of {of} referred", f"Remaining errors, fraction of all {of}")
    most = max(curve.errors[0] for curve in curves.values())
    draw_diagonal(axes, (0, most), (1, 0))
    for index, (name, curve) in enumerate(curves.items()):
        axes.plot(
            curve.referred, curve.errors, label=f"by {name}", color=COLOURS[4 - index], linestyle=DASHES[-1 - index],
            linewidth=1.7,
        )  # fmt: skip
    for index, (level, (referred, errors)) in enumerate(points.items()):
        axes.plot(
            referred, errors, label=f"rule {level}", color=COLOURS[5], linestyle="none", marker="os^D"[index % 4],
            markersize=7, markerfacecolor="white", clip_on=False,
        )  # fmt: skip
    axes.set(xlim=(0, 1), ylim=(0, None if most else 1))
    legend_below(figure, "Referred first")
    return figure
