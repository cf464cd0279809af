"""Values that a command line, or another program, gives the keys of a config in place of their defaults."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fire.parser

from bundle.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from monai.bundle import ConfigParser

_ABOVE_ZERO = ("batch_size", "image_size", "max_epochs", "patience", "threshold", "val_interval")
"""Numbers that make no run where they are 0; no other whose default is 0 or above may be below 0."""
_COMPUTED = ("$", "@", "%")
"""How a text begins that MONAI computes: an expression, a reference or a macro."""


def given_on(arguments: Sequence[str]) -> dict[str, str]:
    """Return the ``--key value`` and ``--key=value`` of a command line, each value as the text that was typed.

    As with Fire, a key without a value is True, and of a key that is there twice the last counts.

    Example:
        >>> given_on(["training", "--seed", "1", "--run_name=2024", "--resume"])
        {'seed': '1', 'run_name': '2024', 'resume': 'True'}
    """
    given = {}
    for position, argument in enumerate(arguments):
        if argument.startswith("--"):
            key, equals, text = argument[2:].partition("=")
            following = arguments[position + 1 : position + 2]
            if not equals:
                text = following[0] if following and not following[0].startswith("--") else "True"
            given[key.replace("-", "_")] = text
    return given


def checked_overrides(given: Mapping[str, Any], files: Sequence[Path | str]) -> dict[str, Any]:
    """Return the values that are given to keys of a config, each of the type of the key's default.

    MONAI adds an unknown key silently, so that a misspelt hyperparameter would train with its default; and its command
    line makes a number of a folder ``2024`` and a text, which counts as true, of ``false``. Here a text stays as it is
    where the default is a text or null, and else becomes what it stands for. What MONAI computes (``$…``, ``@…``,
    ``%…``) is left alone, and a component may be replaced by anything.

    Args:
        given: id, as ``learning_rate`` or ``train#trainer#max_epochs`` → text, or value of the right type.
        files: of the config, merged in this order.

    Raises:
        InputError: for a key that the config has not, with the closest ones; for a value of another type.
    """
    from monai.bundle import ConfigParser  # takes seconds to import, which the scripts need not wait for

    parser = ConfigParser(ConfigParser.load_config_files(files))
    known = sorted(key for key in parser.get() if not key.startswith("_"))
    for key in given:
        if re.split("[#:]+", key)[0] not in known or key not in parser:
            raise unknown_key(key, known, f"the configs {', '.join(map(str, files))} have")
    return {key: _checked(key, value, parser) for key, value in given.items()}


def unknown_key(key: str, known: Sequence[str], who: str) -> InputError:
    """Return the error of a key that is none of the known ones, which names the closest.

    Args:
        key: that was given.
        known: that might have been meant.
        who: what has these keys, with its verb, as "the configs a.json have".
    """
    remedy = did_you_mean(key, known, most=3) or f"known are {', '.join(known)}"
    return InputError(f"{who} no key {key!r}", remedy)


def _checked(key: str, value: Any, parser: "ConfigParser") -> Any:
    if _is_computed(value):
        return value
    default = parser[key]
    if _is_computed(default):
        try:
            default = parser.get_parsed_content(key)
        except Exception:
            # Without the other overrides it cannot be computed, and says nothing of the type.
            return _parsed(value)
    return checked_value(key, value, default)


def checked_value(key: str, value: Any, default: Any) -> Any:
    """Return a value of the type of a key's default, see `checked_overrides`.

    Raises:
        InputError: for a value of another type, or a number that is too small.
    """
    if type(default) not in _TYPES:
        return _parsed(value)
    name, convert = _TYPES[type(default)]
    try:
        found = convert(value)
    except (KeyError, TypeError, ValueError):
        raise InputError(f"--{key} must be {name}, got {value!r}", f"its default is {default!r}") from None
    if type(default) in (int, float) and default >= 0 and (found < 0 or (found == 0 and key in _ABOVE_ZERO)):
        bound = "above 0" if key in _ABOVE_ZERO else "0 or above"
        raise InputError(f"--{key} must be {bound}, got {value!r}", f"its default is {default!r}")
    return found


def _is_computed(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_COMPUTED)


def _parsed(value: Any) -> Any:
    return fire.parser.DefaultParseValue(value) if isinstance(value, str) else value


def _switch(value: Any) -> bool:
    return {"true": True, "false": False}[str(value).lower()]


def _whole_number(value: Any) -> int:
    if isinstance(value, bool | float):
        raise ValueError
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not math.isfinite(float(value)):
        raise ValueError
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value in (None, "None") else _text(value)


def _list(value: Any) -> list[Any]:
    value = _parsed(value)
    if not isinstance(value, list | tuple):
        raise ValueError
    return list(value)


_TYPES: Mapping[type, tuple[str, Callable[[Any], Any]]] = {
    bool: ("true or false", _switch),
    int: ("a whole number", _whole_number),
    float: ("a number", _number),
    str: ("a text", _text),
    list: ("a list, as [1,2]", _list),
    type(None): ("a text", _text_or_none),
}
"""Type of a default → what its values are called, and how a text or value becomes one."""
