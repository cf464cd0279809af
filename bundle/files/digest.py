"""Files known by their content."""

import hashlib
from pathlib import Path


def file_sha256(path: Path | str) -> str:
    """Return the SHA-256 of a file's content, hexadecimal.

    Raises:
        OSError: when the file cannot be read.
    """
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
