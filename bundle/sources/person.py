"""What a row may hold of a person: a pseudonym, an age that is no rare one, a sex."""

import hashlib
import re
import unicodedata

OLDEST = 90.0
"""Years; whoever is older counts as this old, for a greater age identifies a person (45 CFR 164.514(b)(2)(i)(C))."""

_IMPOSSIBLE = 130.0
_YEARS = {"y": 1.0, "m": 1 / 12, "w": 1 / 52.18, "d": 1 / 365.25}
_AGE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:([ymwd])|years?|yrs?|(months?|mos?)|(weeks?|wks?)|(days?))?(?: old)?\.?")


def pseudonym(identifier: str) -> str:
    """Return a hash of what names a patient in a hospital: the same for the same patient, of 16 hexadecimal digits.

    A letter counts as the same however Unicode composes it, and a whole number as spreadsheets write it.

    Example:
        >>> pseudonym("49") == pseudonym("49.0")
        True
    """
    identifier = unicodedata.normalize("NFC", identifier)
    if re.fullmatch(r"\d+\.0", identifier):
        identifier = identifier.removesuffix(".0")
    return hashlib.sha256(identifier.encode(errors="surrogateescape")).hexdigest()[:16]


def read_age(text: str) -> float | None:
    """Return the years, at most `OLDEST`, that a text says, or None when it says none.

    Example:
        >>> [read_age(text) for text in ("45", "045Y", "1,5 years", "6 months", "10 days", "about 40")]
        [45.0, 45.0, 1.5, 0.5, 0.03, None]
    """
    match = _AGE.fullmatch(text.strip().lower())
    if match is None:
        return None
    number, letter, *units = match.groups()
    unit = letter or next((unit[0] for unit in units if unit), "y")
    years = float(number.replace(",", ".")) * _YEARS[unit]
    return min(round(years, 2), OLDEST) if years <= _IMPOSSIBLE else None


def read_sex(text: str) -> str | None:
    """Return M, F or O (other), as in DICOM's Patient's Sex (0010,0040), or None when the text says none of them."""
    known = {"m": "M", "male": "M", "f": "F", "female": "F", "o": "O", "other": "O"}
    return known.get(text.strip().lower())
