"""Output folders that are known to be writable before hours are spent on what goes in."""

import tempfile
from pathlib import Path

from bundle.errors import InputError


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
        raise InputError(f"cannot write to the folder {folder} ({error.strerror}); choose another output") from error
    return folder
