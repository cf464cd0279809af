"""A zip archive that is the same, byte by byte, whenever and wherever it is made of the same files."""

import shutil
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from bundle.files import written_whole

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The earliest time that the format can hold."""

_UNIX = 3
_MODE = 0o100644


def write_archive(path: Path, contents: Mapping[str, Path | bytes]) -> None:
    """Write a zip archive, at once or not at all.

    Names are sorted, times and modes fixed. Nothing is compressed: weights and pictures hardly are, and builds of zlib
    differ in what they make of the rest.

    Args:
        path: of the archive, in an existing folder.
        contents: name in the archive → file or contents.
    """
    with written_whole(path) as part, ZipFile(part, "w", ZIP_STORED) as archive:
        for name in sorted(contents):
            _add(archive, name, contents[name])


def _add(archive: ZipFile, name: str, content: Path | bytes) -> None:
    entry = ZipInfo(name, EARLIEST)
    entry.create_system = _UNIX
    entry.external_attr = _MODE << 16
    with BytesIO(content) if isinstance(content, bytes) else content.open("rb") as source:
        entry.file_size = len(content) if isinstance(content, bytes) else content.stat().st_size
        with archive.open(entry, "w") as target:
            shutil.copyfileobj(source, target)
