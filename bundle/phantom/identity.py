"""Names and UIDs of phantoms, derived from what the phantom is: the same phantom has the same ones."""

import hashlib

from pydicom.uid import UID, generate_uid


def short_id(digits: int, *what: object) -> str:
    """Return an identifier as in the RSNA set, ``ID_`` and `digits` hexadecimal digits."""
    return "ID_" + hashlib.sha256(_text(what).encode()).hexdigest()[:digits]


def uid(*what: object) -> UID:
    """Return a DICOM UID."""
    return generate_uid(entropy_srcs=[_text(what)])


def _text(what: tuple[object, ...]) -> str:
    return "bundle.phantom/" + "/".join(map(str, what))
