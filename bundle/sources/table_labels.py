"""What the cells of a table say of a slice's label."""

import re
from collections.abc import Mapping

from bundle.labels import ANY, LABELS, NORMAL, Label, check_label
from bundle.sources.class_names import ACCEPTED, class_of, label_of

_FLAGS = {
    **dict.fromkeys(("1", "1.0", "yes", "y", "true", "t"), 1),
    **dict.fromkeys(("0", "0.0", "no", "n", "false", "f"), 0),
    **dict.fromkeys(("", "na", "n/a", "nan", "null", "unknown"), None),
}


def read_flag(text: str) -> int | None:
    """Return 1, 0 or None for unknown.

    Raises:
        ValueError: when the text is none of these.
    """
    word = text.strip().lower()
    if word not in _FLAGS:
        raise ValueError(f"{text!r}; write 1, 0, yes, no, true, false or nothing (unknown)")
    return _FLAGS[word]


def read_flags(cells: Mapping[str, str]) -> Label:
    """Return the label that cells of flags say; labels without a cell are unknown.

    Args:
        cells: text by label, and by `NORMAL` where 1 means that there is no bleed.

    Raises:
        ValueError: when a cell is no flag, or they contradict each other.
    """
    values = {}
    for name, text in cells.items():
        try:
            values[name] = read_flag(text)
        except ValueError as error:
            raise ValueError(f"the {name} {error}") from None
    normal = values.pop(NORMAL, None)
    if normal is not None and values.setdefault(ANY, 1 - normal) in (None, 1 - normal):
        values[ANY] = 1 - normal
    elif normal is not None:
        raise ValueError(f"the any {values[ANY]} beside the normal {normal}; correct one of them")
    return check_label([values.get(name) for name in LABELS])


def read_classes(text: str) -> Label:
    """Return the label that names of classes mean, with one of ``, ; | + /`` between several; nothing is unknown.

    Raises:
        ValueError: when a name is of no known class, or normal stands beside a bleed.
    """
    if text.strip().lower() in _FLAGS and read_flag(text) is None:
        return [None] * len(LABELS)
    classes = {name: class_of(name) for name in re.split(r"[,;|+/]", text)}
    if None in classes.values():
        raise ValueError(
            f"the class {text!r}, of which {next(k for k, v in classes.items() if v is None)!r} is none of {ACCEPTED}"
        )
    return label_of({name for name in classes.values() if name is not None})
