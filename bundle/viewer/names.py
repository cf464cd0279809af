"""How heads are named on the page: by folder and description; a UID is shortened, for it leads to the patient."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

_UID = re.compile(r"[0-9]+(\.[0-9]+){3,}")
_KEPT = 6
"""Digits of a UID that are shown, its last."""


def short_uid(text: str) -> str:
    """Return a text in which a UID is shortened to its end.

    Example:
        >>> short_uid("1.2.826.0.1.3680043.8.498.12345678"), short_uid("CT/head 2.5")
        ('…345678', 'CT/head 2.5')
    """
    return _UID.sub(lambda found: f"…{found[0][-_KEPT:]}", text)


def head_names(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a name of each head that no other has: where it lies, its part, and the ends of its UIDs where needed.

    Args:
        records: of all series of an inference, see `bundle.results.records`.

    Example:
        >>> one = {"most_suspicious_image": "ct/1.dcm", "most_suspicious_slice": "", "slices": 30, "study": "1.2.3.4.5"}
        >>> head_names([{**one, "series": "1.2.3.4.111111"}, {**one, "series": "1.2.3.4.222222", "part": "patient 2"}])
        ['ct', 'ct (patient 2)']
        >>> head_names([{**one, "series": "1.2.3.4.111111"}, {**one, "series": "1.2.3.4.222222"}])
        ['ct, series …111111', 'ct, series …222222']
    """
    names = []
    for record in records:
        part = f" ({short_uid(record['part'])})" if record.get("part") else ""
        names.append(f"{_place(record)}{part}")
    for level in ("series", "study"):
        shared = Counter(names)
        for index, record in enumerate(records):
            uid = record.get(level) or ""
            told = f"{level} {short_uid(uid)}"
            if shared[names[index]] > 1 and _UID.fullmatch(uid) and told not in names[index]:
                names[index] = f"{names[index]}, {told}"
    seen: Counter[str] = Counter()
    for index, name in enumerate(names):
        seen[name] += 1
        names[index] = name if seen[name] == 1 else f"{name} [{seen[name]}]"
    return names


def _place(record: Mapping[str, Any]) -> str:
    """Return in which folder or file, relative to the input, a series lies; in the input itself, which series it is."""
    image = record.get("most_suspicious_image") or ""
    if not image:
        return short_uid(record.get("series") or "")
    in_volume = record.get("most_suspicious_slice") not in ("", None) or record.get("slices") == 1
    folder = PurePosixPath(image).parent.as_posix()
    if in_volume or (folder == "." and record.get("series") in ("", ".", None)):
        return short_uid(image)
    return short_uid(folder if folder != "." else f"series {record['series']}")
