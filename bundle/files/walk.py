"""Every file of a folder tree, whatever lies in it."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Found(NamedTuple):
    """A place in a folder tree."""

    path: Path
    problem: str
    """Why it is no file that could be opened, "" for a file."""


def walk_files(root: Path, depth: int | None = None) -> Iterator[Found]:
    """Yield every file below a folder, in natural order (slice 9 before slice 10), and what is no file with its reason.

    A folder that is a symbolic link is followed, but no folder is entered twice, so that loops of links end. Hidden
    files and folders are left out. Named pipes, sockets and devices are never opened.

    Args:
        root: the folder.
        depth: of the folders that are entered; 0 for the files of the folder itself, None for all below it. A folder
            that is not entered is yielded as what is no file.
    """
    yield from _walk(root, depth, set())


def display_name(path: Path | str) -> str:
    r"""Return a path as text that can be written anywhere: bytes that are no UTF-8 are escaped.

    Example:
        >>> print(display_name(os.fsdecode(b"M\xfcller/1.dcm")))
        M\xfcller/1.dcm
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def natural_order(name: str) -> list[str | int]:
    """Return a sort key by which slice 9 comes before slice 10.

    Example:
        >>> sorted(["10.dcm", "9.dcm"], key=natural_order)
        ['9.dcm', '10.dcm']
    """
    return [int(part) if part.isdecimal() else part.lower() for part in re.split(r"(\d+)", name)]


def _walk(folder: Path, depth: int | None, entered: set[tuple[int, int]]) -> Iterator[Found]:
    try:
        place = folder.stat()
        if (place.st_dev, place.st_ino) in entered:
            return
        entered.add((place.st_dev, place.st_ino))
        inside = sorted(folder.iterdir(), key=lambda path: natural_order(path.name))
    except OSError as error:
        yield Found(folder, f"cannot be read ({error.strerror})")
        return
    folders = []
    for path in inside:
        if path.name.startswith("."):
            continue
        try:
            mode = path.stat().st_mode
        except OSError as error:
            yield Found(path, f"is a link that leads nowhere ({error.strerror})")
            continue
        if stat.S_ISDIR(mode):
            folders.append(path)
        else:
            yield Found(path, "" if stat.S_ISREG(mode) else "is a named pipe, a socket or a device, not a file")
    for path in folders:
        if depth == 0:
            yield Found(path, "is a folder, which is not searched")
        else:
            yield from _walk(path, depth and depth - 1, entered)
