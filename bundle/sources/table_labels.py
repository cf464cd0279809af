"""What the cells of a table say of a slice's label, and whether they say anything."""

import re
from collections.abc import Mapping

from bundle.errors import InputError
from bundle.labels import ANY, LABELS, NORMAL, Label, check_label
from bundle.sources.class_names import ACCEPTED, class_of, label_of

MISSING = ("", "na", "n/a", "#n/a", "<na>", "nan", "null", "unknown")
"""How tables write that a value is not known."""

_FLAGS = {
    **dict.fromkeys(("1", "1.0", "yes", "y", "true", "t"), 1),
    **dict.fromkeys(("0", "0.0", "no", "n", "false", "f"), 0),
    **dict.fromkeys(MISSING, None),
}


def known_text(text: str) -> str:
    """Return the text of a cell, "" where it says that the value is not known.

    Example:
        >>> [known_text(text) for text in (" P1 ", "NaN", "n/a", " ")]
        ['P1', '', '', '']
    """
    text = text.strip()
    return "" if text.lower() in MISSING else text


def known_name(text: str) -> str:
    """Return the text of a cell that names somebody or something, "" where it says that the name is not known.

    So says "None", too, as Python writes it, which in other columns may be an answer.

    Example:
        >>> [known_name(text) for text in (" P1 ", "None", "<NA>")]
        ['P1', '', '']
    """
    text = known_text(text)
    return "" if text.lower() == "none" else text


def read_flag(text: str) -> int | None:
    """Return 1, 0 or None for unknown.

    Raises:
        InputError: when the text is none of these.
    """
    word = text.strip().lower()
    if word not in _FLAGS:
        raise InputError(repr(text), "write 1, 0, yes, no, true, false or nothing (unknown)")
    return _FLAGS[word]


def combine_flags(flags: Mapping[str, int | None]) -> Label:
    """Return the label that flags say together; a label without one is unknown.

    Args:
        flags: 1, 0 or None by label, and by `NORMAL` where 1 means that there is no bleed.

    Raises:
        ValueError: when they contradict each other.
    """
    values = dict(flags)
    normal = values.pop(NORMAL, None)
    if normal is not None:
        if values.get(ANY) == normal:
            raise ValueError(f"any is {normal}, and so is normal")
        values[ANY] = 1 - normal
    return check_label([values.get(name) for name in LABELS])


def read_classes(text: str) -> Label:
    """Return the label that names of classes mean, with one of ``, ; | + /`` between several; nothing is unknown.

    Raises:
        InputError: when a name is of no known class.
        ValueError: when normal stands beside a bleed.
    """
    if text.strip().lower() in _FLAGS and read_flag(text) is None:
        return [None] * len(LABELS)
    classes = {name: class_of(name) for name in re.split(r"[,;|+/]", text)}
    for name, meant in classes.items():
        if meant is None:
            raise InputError(f"the class {text!r}, of which {name!r} is none of {ACCEPTED}")
    return label_of({meant for meant in classes.values() if meant is not None})
