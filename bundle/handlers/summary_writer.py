"""The TensorBoard writer of a run, in a folder of the run's own."""

import time
from pathlib import Path

from torch.utils.tensorboard import FileWriter, SummaryWriter

from bundle.files import writable_folder

_HEADER = 100
"""Bytes that a writer opens its file with, at most: a log without more is of a run that was killed as it started."""


def open_run(root: Path | str, name: str | None = None, new: bool = True) -> SummaryWriter:
    """Open the log of a run that begins or goes on.

    Args:
        root: folder of all runs.
        name: of the run's folder; None for the time when it starts.
        new: whether the run begins; without a name, one that goes on is the one that was last written to.

    Raises:
        InputError: when `root` cannot be written.
    """
    root = writable_folder(root)
    folder = None if new or name is not None else _latest(root)
    return _Run(folder or root / str(time.strftime("%Y-%m-%d_%H-%M-%S") if name is None else name))


class _Run(SummaryWriter):
    """A writer whose folder comes with its first entry: a run that fails before leaves none."""

    _begun = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._begun = True

    def _get_file_writer(self) -> FileWriter | None:
        return super()._get_file_writer() if self._begun else None


def _latest(root: Path) -> Path | None:
    logs = [(path, path.stat()) for path in root.rglob("events.out.tfevents.*")]
    written = {path: status.st_mtime_ns for path, status in logs if status.st_size > _HEADER}
    return max(written, key=written.__getitem__).parent if written else None
