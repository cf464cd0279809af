"""Folders that are known to be there, or to be writable before hours are spent on what goes in."""

import tempfile
from pathlib import Path

from bundle.errors import InputError


def require_folder(folder: Path | str, remedy: str) -> Path:
    """Return `folder`, which must be there.

    Raises:
        InputError: with the remedy, when it is no folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError("is no folder", remedy, folder)
    return folder


def writable_folder(folder: Path | str) -> Path:
    """Return `folder`, made when absent.

    Raises:
        InputError: when it cannot be made or written to.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise InputError(f"cannot be written to ({error.strerror})", "choose another output", folder) from error
    return folder
