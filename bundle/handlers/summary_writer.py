"""The TensorBoard writer of a run, in a folder of the run's own."""

import time
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.summary_pb2 import Summary
from torch.utils.tensorboard import SummaryWriter

from bundle.files import writable_folder

_HEADER = 100
"""Bytes that a writer opens its file with, at most: a log without more is of a run that was killed as it started."""


class RunWriter:
    """A `torch.utils.tensorboard.SummaryWriter` whose folder is made with its first entry, by any ``add_…`` method.

    So a run that fails before leaves no folder.

    Args:
        folder: of the run.
    """

    def __init__(self, folder: Path | str) -> None:
        self.log_dir = str(folder)
        self._writer: SummaryWriter | None = None

    def begin(self, step: int) -> None:
        """Open a new event file, which replaces what earlier files of the folder hold of `step` and after."""
        self.close()
        self._writer = SummaryWriter(self.log_dir, purge_step=step)

    def add_summary(self, summary: Summary, step: int) -> None:
        """Write an entry for which `SummaryWriter` has no method."""
        self._opened().file_writer.add_summary(summary, step)  # type: ignore[attr-defined]  # there until closed

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("add_"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return getattr(self._opened(), name)

    def flush(self) -> None:
        """Write what waits to be written."""
        if self._writer is not None:
            self._writer.flush()

    def close(self) -> None:
        """Close the event file; a later entry opens another one."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _opened(self) -> SummaryWriter:
        if self._writer is None:
            self._writer = SummaryWriter(self.log_dir)
        return self._writer


def open_run(root: Path | str, name: str | None = None, new: bool = True) -> RunWriter:
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
    return RunWriter(folder or root / str(time.strftime("%Y-%m-%d_%H-%M-%S") if name is None else name))


def _latest(root: Path) -> Path | None:
    logs = [(path, path.stat()) for path in root.rglob("events.out.tfevents.*")]
    written = {path: status.st_mtime_ns for path, status in logs if status.st_size > _HEADER}
    return max(written, key=written.__getitem__).parent if written else None
