"""UIDs that are the same whenever the same is said of the same images by the same model."""

import hashlib
import json
import uuid

from pydicom.uid import UID

_NAMESPACE = uuid.UUID("5b0a4cc6-4f8c-5d0e-9a52-6d3f0f1c9d11")


def result_uid(*what: object) -> UID:
    """Return the UID of what is described: 2.25 and a UUID of version 5 (RFC 9562; DICOM PS3.5, B.2), ≤ 44 characters.

    Example:
        >>> result_uid("report", 1) == result_uid("report", 1) != result_uid("report", 2)
        True
        >>> result_uid("report", 1)[:5], result_uid("report", 1).is_valid
        ('2.25.', True)
    """
    return UID(f"2.25.{uuid.uuid5(_NAMESPACE, json.dumps(what, default=str)).int}")


def digest(*what: object) -> str:
    """Return the SHA-256 of what is described, hexadecimal."""
    return hashlib.sha256(json.dumps(what, default=str).encode()).hexdigest()
