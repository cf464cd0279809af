"""The page of the report: HTML that stands alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bundle.labels import ABBREVIATIONS, LABELS, SUBTYPES
from bundle.pages import data_uri, page_environment
from bundle.report.sections import SECTIONS
from bundle.report.sections.fairness import MIN_PATIENTS

OVERLAYS = 24
"""How many overlays are shown, of mistakes and of others."""


def render_page(
    summary: Mapping[str, Any], figures: Mapping[str, Path], overlays: Sequence[tuple[Path, Mapping[str, Any]]]
) -> str:
    """Return the report as HTML.

    Args:
        summary: the content of report.json.
        figures: name → PNG file of the figures there are.
        overlays: PNG file and description (see `bundle.predictions.describe_slice`) of each overlay; those
            of the most confident mistakes are shown beside them, of the others the first 24.
    """
    shown = [{"image": path, **description} for path, description in overlays]
    by_line = {each["line"]: each for each in shown}
    mistakes = [by_line[each["line"]] for each in summary["most_confident_mistakes"] if each["line"] in by_line]
    others = [each for each in shown if each not in mistakes]
    template = page_environment(Path(__file__).parent).get_template("page.html.j2")
    return template.render(
        sections=[section.name for section in SECTIONS],
        summary=summary,
        metrics=summary["metrics"],
        figures={name: data_uri(path) for name, path in figures.items()},
        mistake_overlays=_embedded(mistakes),
        overlays=_embedded(others),
        overlay_count=len(others),
        labels=LABELS,
        subtypes=SUBTYPES,
        abbreviations=ABBREVIATIONS,
        min_patients=MIN_PATIENTS,
    )


def _embedded(overlays: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**overlay, "image": data_uri(overlay["image"])} for overlay in overlays[:OVERLAYS]]
