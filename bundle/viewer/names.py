"""How heads are named on the page: by folder and description; a UID is shortened, for it leads to the patient."""

import re
from collections.abc import Mapping
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


def head_name(record: Mapping[str, Any]) -> str:
    """Return in which folder or file, relative to the input, a series lies; in the input itself, which series it is.

    Example:
        >>> head_name({"most_suspicious_image": "a/ct/7.dcm", "most_suspicious_slice": "", "slices": 30})
        'a/ct'
        >>> head_name({"most_suspicious_image": "a/ct/7.dcm", "most_suspicious_slice": "", "slices": 1})
        'a/ct/7.dcm'
        >>> head_name({"most_suspicious_image": "b.nii.gz", "most_suspicious_slice": 7})
        'b.nii.gz'
        >>> head_name({"most_suspicious_image": "7.dcm", "series": "1.2.826.0.1.3680043.8.498.123456", "slices": 30})
        'series …123456'
    """
    image = record.get("most_suspicious_image") or ""
    if not image:
        return short_uid(record.get("series") or "")
    in_volume = record.get("most_suspicious_slice") not in ("", None) or record.get("slices") == 1
    folder = PurePosixPath(image).parent.as_posix()
    if in_volume or (folder == "." and record.get("series") in ("", ".", None)):
        return short_uid(image)
    return short_uid(folder if folder != "." else f"series {record['series']}")
