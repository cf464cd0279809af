"""Pages that stand alone: templates with the style, the pictures and the filters that all of them share."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_DASH = "–"


def page_environment(*folders: Path) -> Environment:
    """Return what renders the templates in these folders, and those of this room: the style and the macros."""
    environment = Environment(
        loader=FileSystemLoader([*folders, Path(__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        figure=_number, interval=_interval, range=_range, bracketed=_bracketed, duration=_duration, plain=_plain
    )
    return environment


def data_uri(path: Path) -> str:
    """Return the address that holds a PNG file itself."""
    return f"data:image/png;base64,{b64encode(path.read_bytes()).decode()}"


def _number(value: float | None) -> str:
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
