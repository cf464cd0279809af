"""The page of the report: HTML that stands alone."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bundle.labels import ABBREVIATIONS, LABELS, SUBTYPES
from bundle.report.sections import SECTIONS

OVERLAYS = 24
"""How many Grad-CAM overlays are shown."""

_DASH = "–"


def render_page(
    summary: Mapping[str, Any], figures: Mapping[str, Path], overlays: Sequence[tuple[Path, Mapping[str, Any]]]
) -> str:
    """Return the report as HTML.

    Args:
        summary: the content of report.json.
        figures: name → PNG file of the figures there are.
        overlays: PNG file and description (see `bundle.report.summary.describe_slice`) of each Grad-CAM overlay; the
            first 24 are shown.
    """
    return (
        page_environment()
        .get_template("page.html.j2")
        .render(
            sections=[section.name for section in SECTIONS],
            summary=summary,
            metrics=summary["metrics"],
            figures={name: data_uri(path) for name, path in figures.items()},
            overlays=[{"image": data_uri(path), **description} for path, description in overlays[:OVERLAYS]],
            overlay_count=len(overlays),
            labels=LABELS,
            subtypes=SUBTYPES,
            abbreviations=ABBREVIATIONS,
        )
    )


def page_environment(*folders: Path) -> Environment:
    """Return what makes pages of the templates in these folders, and of the report's own: style, picture, filters."""
    environment = Environment(
        loader=FileSystemLoader([*folders, Path(__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(figure=_figure, plain=_plain)
    return environment


def data_uri(path: Path) -> str:
    """Return the address that holds a PNG file itself."""
    return f"data:image/png;base64,{b64encode(path.read_bytes()).decode()}"


def _figure(value: float | None) -> str:
    return _DASH if value is None else f"{value:.3f}"


def _plain(value: Any) -> str:
    """Return a value of the configuration in words."""
    if isinstance(value, list | tuple):
        return ", ".join(f"({_plain(each)})" if isinstance(each, list | tuple) else _plain(each) for each in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_plain(each)}" for name, each in value.items())
    if value is None:
        return _DASH
    return f"{value:g}" if isinstance(value, float) else str(value)
