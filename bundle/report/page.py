"""The page of the report: HTML that stands alone."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bundle.labels import ABBREVIATIONS, LABELS, SUBTYPES
from bundle.report.sections import SECTIONS
from bundle.report.sections.fairness import MIN_PATIENTS

OVERLAYS = 24
"""How many Grad-CAM overlays are shown, of mistakes and of others."""

_DASH = "–"


def render_page(
    summary: Mapping[str, Any], figures: Mapping[str, Path], overlays: Sequence[tuple[Path, Mapping[str, Any]]]
) -> str:
    """Return the report as HTML.

    Args:
        summary: the content of report.json.
        figures: name → PNG file of the figures there are.
        overlays: PNG file and description (see `bundle.report.summary.describe_slice`) of each Grad-CAM overlay; those
            of the most confident mistakes are shown beside them, of the others the first 24.
    """
    shown = [{"image": path, **description} for path, description in overlays]
    by_line = {each["line"]: each for each in shown}
    mistakes = [by_line[each["line"]] for each in summary["most_confident_mistakes"] if each["line"] in by_line]
    others = [each for each in shown if each not in mistakes]
    template = page_environment().get_template("page.html.j2")
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


def page_environment(*folders: Path) -> Environment:
    """Return what makes pages of the templates in these folders, and of the report's own: style, picture, filters."""
    environment = Environment(
        loader=FileSystemLoader([*folders, Path(__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        figure=_figure, interval=_interval, range=_range, bracketed=_bracketed, duration=_duration, plain=_plain
    )
    return environment


def data_uri(path: Path) -> str:
    """Return the address that holds a PNG file itself."""
    return f"data:image/png;base64,{b64encode(path.read_bytes()).decode()}"


def _figure(value: float | None) -> str:
    return _DASH if value is None else f"{value:.3f}"


def _interval(interval: Sequence[float]) -> str:
    # A difference may be negative, so that a dash between the two would be hard to read.
    return f"{interval[0]:.3f} to {interval[1]:.3f}".replace("-", "−")


def _range(interval: Sequence[float]) -> str:
    return f"{interval[0]:.3f}{_DASH}{interval[1]:.3f}"


def _bracketed(interval: Sequence[float] | None) -> str:
    return "" if interval is None else f" ({_range(interval)})"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return _DASH
    if seconds < 60:
        return f"{seconds:.1f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _plain(value: Any) -> str:
    """Return a value of the configuration in words."""
    if isinstance(value, list | tuple):
        return ", ".join(f"({_plain(each)})" if isinstance(each, list | tuple) else _plain(each) for each in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_plain(each)}" for name, each in value.items())
    if value is None:
        return _DASH
    return f"{value:g}" if isinstance(value, float) else str(value)
