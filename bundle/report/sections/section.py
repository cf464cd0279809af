"""What a section of the page is made of."""

from collections.abc import Callable
from typing import Any, NamedTuple

from matplotlib.figure import Figure

from bundle.report.evaluation import Evaluation

Content = dict[str, Any]


def _nothing(evaluation: Evaluation, summary: Content) -> dict[str, Figure | None]:
    return {}


class Section(NamedTuple):
    """A part of the page: the template ``<name>.html.j2``, which sees the whole summary and all figures."""

    name: str
    compute: Callable[[Evaluation], Content | list[Any] | None] | None = None
    """Returns what stands under ``name`` in report.json, as plain numbers, texts, lists and dicts; None, null there,
    where the evaluation has nothing for it. A section without it has no key of its own."""
    draw: Callable[[Evaluation, Content], dict[str, Figure | None]] = _nothing
    """Returns the section's figures, by names that no other section uses: of the evaluation and the summary, which
    holds what `compute` returned. None is for a figure that has nothing to show this time."""
