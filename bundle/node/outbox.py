"""Answers on the disk: all bytes are fixed before any of them is sent."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bundle.node.spool import Spool, moved, removed, sync_file, sync_folder

_FILE = re.compile(r"(SR|SC|KO)_[0-9.]{1,64}\.dcm")


class NoResultError(Exception):
    """A file that a worker named is no result."""


class Made(NamedTuple):
    """An object of an answer."""

    kind: str
    uid: str
    series: str
    file: str
    """Relative to the spool."""
    digest: str


def fixed(spool: Spool, part: Path, folder: Path, said: Sequence[Mapping[str, str]]) -> list[Made]:
    """Return the objects of an answer, which are on the disk under their last names.

    Args:
        spool: in which both folders are.
        part: folder in which a worker wrote them.
        folder: that it becomes.
        said: "file", "uid" and "series" of each, as the worker says.

    Raises:
        NoResultError: when the worker names what is no result.
        OSError: when the disk is full or fails.
    """
    made = [_made(spool, part, folder, each) for each in said]
    if made:
        sync_folder(part)
        removed(folder)
        moved(part, folder)
    return made


def _made(spool: Spool, part: Path, folder: Path, said: Mapping[str, str]) -> Made:
    name = said["file"]
    if not _FILE.fullmatch(name) or not (part / name).is_file():
        raise NoResultError("named a file that is no result")
    sync_file(part / name)
    with (part / name).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Made(name[:2], said["uid"], said["series"], str((folder / name).relative_to(spool.folder)), digest)
