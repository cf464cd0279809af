"""How a run was configured, for the tab HParams of TensorBoard."""

from pathlib import Path
from typing import Any

from bundle.command import running_parser


def hyperparameters() -> dict[str, int | float | str]:
    """Return the plain values at the top of the config that is being parsed, and the network's class.

    Numbers stay numbers; a list is written as ``40/80, 40/80`` or ``age, sex``, what is null or empty as ``no``, and
    a path by its last part, for the folders of a machine are nobody's matter.

    Raises:
        LookupError: when no config is being parsed.
    """
    parser = running_parser()
    shown = {key: _shown(value) for key, value in parser.get().items() if not key.startswith("_") and _is_plain(value)}
    return {**shown, "network": type(parser.get_parsed_content("network_def")).__name__}


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, str):
        return not value.startswith(("$", "@")) and bool(Path(value).name)
    return value is None or isinstance(value, int | float)


def _shown(value: Any) -> int | float | str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return value
        case None | []:
            return "no"
        case [list(), *_]:
            return ", ".join("/".join(map(str, each)) for each in value)
        case list():
            return ", ".join(map(str, value))
        case _:
            return Path(value).name
