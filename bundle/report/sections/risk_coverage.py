"""The figure of the errors left against the share of slices referred."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from bundle.pages import COLOURS, CURVE_SIZE, DASHES, draw_diagonal, legend_below, new_figure, style_axes
from bundle.uncertainty import RiskCoverage


def risk_coverage_figure(curves: Mapping[str, RiskCoverage], points: Mapping[str, tuple[float, float]]) -> Figure:
    """Draw the errors left against the share of slices referred to a radiologist.

    Args:
        curves: what the doubt is → errors left when the most doubtful are referred first.
        points: level of the rule → what it refers, and the errors it leaves, as shares of all slices.
    """
    figure = new_figure(CURVE_SIZE)
    axes = figure.add_subplot()
    style_axes(axes, "Fraction of slices referred", "Remaining errors, fraction of all slices")
    most = max(curve.errors[0] for curve in curves.values())
    draw_diagonal(axes, (0, most), (1, 0))
    for index, (name, curve) in enumerate(curves.items()):
        axes.plot(
            curve.referred, curve.errors, label=f"by {name}", color=COLOURS[4 - index], linestyle=DASHES[-1 - index],
            linewidth=1.7,
        )  # fmt: skip
    for index, (level, (referred, errors)) in enumerate(points.items()):
        axes.plot(
            referred, errors, label=f"rule at {level}", color=COLOURS[5], linestyle="none", marker="os^D"[index % 4],
            markersize=7, markerfacecolor="white", clip_on=False,
        )  # fmt: skip
    axes.set(xlim=(0, 1), ylim=(0, None if most else 1))
    legend_below(figure, "Referred first")
    return figure
