"""Clinical features of a row: what they may be called and hold, and the vector of them that a network sees.

A row's ``clinical`` is ``{name: number or text}``; what is unknown is not in it. ``age`` and ``sex`` are keys of the
row itself, and features like the others.
"""

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bundle.errors import InputError

OF_ROW = ("age", "sex")
"""Features that are keys of the row itself."""
MAX_CATEGORIES = 16
"""Different texts of one feature, at most; more are free text or names."""
LONGEST = 40
"""Characters of a category; a longer text is a note, in which a person may be named."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\b.*|(19|20)\d{6}")
_PERSONAL = {
    "name", "names", "surname", "firstname", "forename", "lastname", "initials", "id", "identifier", "mrn", "ssn",
    "nhs", "accession", "insurance", "birth", "birthdate", "birthday", "dob", "date", "dates", "datetime",
    "timestamp", "address", "street", "city", "town", "zip", "zipcode", "postcode", "postal", "phone", "telephone",
    "mobile", "fax", "email", "mail", "contact", "relative", "doctor", "physician",
}  # fmt: skip
_PERSONAL_ALONE = {"patient", "patientid", "patientname", "person"}


def feature_name(column: str) -> str:
    """Return the feature name of a table's column: ``"Systolic BP"`` → ``systolic_bp``."""
    return re.sub(r"[^a-z0-9]+", "_", column.strip().lower()).strip("_")


def is_personal(name: str) -> bool:
    """Return whether a name is one of what identifies a person, such as ``PatientName``, ``birth_date`` or ``MRN``."""
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
    return not _PERSONAL.isdisjoint(words) or "".join(words) in _PERSONAL | _PERSONAL_ALONE


def looks_personal(text: str) -> bool:
    """Return whether a value is a date, or too long for a category."""
    return len(text) > LONGEST or _DATE.fullmatch(text.strip()) is not None


def find_clinical_problems(clinical: object) -> Iterator[str]:
    """Yield what is wrong with a row's ``clinical``; values are not repeated, for they may be personal."""
    if not isinstance(clinical, Mapping):
        yield f"'clinical' must be an object of numbers and texts by name, got a {type(clinical).__name__}"
        return
    for name, value in clinical.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            yield f"the clinical feature {name!r} must be named by small letters, digits and _; rename it"
        elif name in OF_ROW:
            yield f"the clinical feature {name!r} is a key of the row itself; move it there"
        elif is_personal(name):
            yield f"the clinical feature {name!r} is called like what identifies a person; leave it out"
        elif isinstance(value, str) and (not value.strip() or looks_personal(value)):
            yield f"the clinical feature {name!r} is empty, a date or longer than {LONGEST} characters; leave it out"
        elif isinstance(value, bool) or not isinstance(value, int | float | str):
            yield f"the clinical feature {name!r} must be a number or a text, got a {type(value).__name__}"
        elif isinstance(value, int | float) and not math.isfinite(value):
            yield f"the clinical feature {name!r} must be finite; leave it out where it is unknown"


def category_code(text: str) -> float:
    """Return 24 bits of the SHA-256 of a category, whatever its case: a number that float32 holds exactly."""
    return float(int(hashlib.sha256(text.strip().lower().encode()).hexdigest()[:6], 16))


def clinical_vector(row: Mapping[str, Any], numbers: Sequence[str], categories: Sequence[str]) -> NDArray[np.float32]:
    """Return the features of a row as a network's `bundle.networks.ClinicalBranch` takes them.

    Args:
        row: with ``age``, ``sex`` and ``clinical`` as far as they are known.
        numbers: names of the numeric features.
        categories: names of the categorical ones; a number is one by its digits.

    Returns:
        [numbers + categories] float32: numbers as they are, `category_code` of categories, NaN for what is missing.

    Raises:
        InputError: when a numeric feature is a text.
    """
    known = {**(row.get("clinical") or {}), **{name: row.get(name) for name in OF_ROW}}
    vector = np.full(len(numbers) + len(categories), np.nan, dtype=np.float32)
    for index, name in enumerate((*numbers, *categories)):
        value = known.get(name)
        if value is None or value == "":
            continue
        if index >= len(numbers):
            vector[index] = category_code(value if isinstance(value, str) else f"{value:g}")
        elif isinstance(value, str):
            raise InputError(
                f"has a text for the numeric clinical feature {name!r}",
                "name it under clinical_categories instead of clinical_numbers, or correct the value",
                row["image"],
            )
        else:
            vector[index] = value
    return vector


def with_features(
    rows: Sequence[Mapping[str, Any]], numbers: Sequence[str], categories: Sequence[str]
) -> list[dict[str, Any]]:
    """Return copies of rows with their `clinical_vector` under ``clinical``."""
    return [{**row, "clinical": clinical_vector(row, numbers, categories)} for row in rows]
