"""The files of a data set's folder, and what in it is none."""

from collections.abc import Iterator
from pathlib import Path

from bundle.datalist import Skipped
from bundle.files import walk_files


def find_files(folder: Path, root: Path, skipped: list[Skipped], depth: int | None = None) -> Iterator[Path]:
    """Yield the files below a folder in natural order, see `bundle.files.walk_files`.

    Args:
        folder: to be searched.
        root: to which names are relative.
        skipped: gets what cannot be opened: links that lead nowhere, named pipes, sockets, devices.
        depth: of folders to be entered; 0 for the files of the folder itself, None for all below it.
    """
    for path, problem in walk_files(folder, depth):
        if problem:
            skipped.append(Skipped(path.relative_to(root).as_posix(), problem))
        else:
            yield path
