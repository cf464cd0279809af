"""Output folders: known to be writable before hours are spent on what goes in, and one a run."""

import time
from pathlib import Path

from bundle.errors import InputError


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
    logs = [] if new else list(Path(root).rglob("events.out.tfevents.*"))
    if logs:
        return max(logs, key=lambda path: path.stat().st_mtime_ns).parent
    return Path(root) / time.strftime("%Y-%m-%d_%H-%M-%S")
