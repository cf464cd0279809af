"""Output folders: known to be writable before hours are spent on what goes in, and one a run."""

import time
from pathlib import Path

from bundle.errors import InputError

_LOG_HEADER = 100
"""Bytes that TensorBoard's writer opens a file with, at most: one without more is of a run that failed at its start."""


def writable_folder(folder: Path | str) -> Path:
    """Return `folder`, made when absent.

    Raises:
        InputError: when it cannot be made or written to.
    """
    folder = Path(folder)
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f"cannot write to the folder {folder} ({error.strerror}); choose another output") from error
    return folder


def run_folder(root: Path | str, name: str | None = None, new: bool = True) -> Path:
    """Return the folder of a run's TensorBoard log, which is made by its writer.

    Args:
        root: folder of all runs.
        name: of the run; None for the time when it started.
        new: whether the run begins; without a name, one that goes on is the one that was last written to.
    """
    if name is not None:
        return Path(root) / str(name)
    written = [] if new else [(path, path.stat()) for path in Path(root).rglob("events.out.tfevents.*")]
    logs = {path: status.st_mtime_ns for path, status in written if status.st_size > _LOG_HEADER}
    if logs:
        return max(logs, key=logs.__getitem__).parent
    return Path(root) / time.strftime("%Y-%m-%d_%H-%M-%S")
