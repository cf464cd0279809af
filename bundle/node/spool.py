"""The folder of a node: files under names that no sender chooses, each on the disk before it counts."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from bundle.errors import InputError

_PRIVATE = 0o700
_MB = 1_000_000


class Spool:
    """The folder, which one node at a time may use.

    Args:
        folder: made when absent, for its owner alone.
        reserve_mb: free space that is always left on its disk.
        reserve_percent: the same as a share of the disk; the larger counts.

    Attributes:
        folder: see above.
        incoming: where objects are while they arrive.
        journal: path of the journal.
    """

    def __init__(self, folder: Path | str, reserve_mb: float = 0, reserve_percent: float = 0) -> None:
        self.folder = Path(folder)
        self.incoming = self.folder / "incoming"
        self.journal = self.folder / "journal.sqlite"
        self._reserve = reserve_mb * _MB, reserve_percent / 100
        self._lock: int | None = None

    def open(self) -> None:
        """Make the folder, lock it until the process ends, and remove what a killed node had half received.

        Raises:
            InputError: when it cannot be used, or another node uses it.
        """
        try:
            for folder in (self.folder, self.incoming, self.folder / "instances", self.folder / "outbox"):
                folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            self.folder.chmod(_PRIVATE)
            self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.close()
            raise InputError("is used by another node", "end it, or give each node a spool", self.folder) from error
        except OSError as error:
            self.close()
            raise InputError(f"cannot be used ({error.strerror})", "give another spool", self.folder) from error
        for left in self.incoming.iterdir():
            left.unlink()

    def close(self) -> None:
        """Let another node have the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def has_room(self) -> bool:
        """Return whether there is more free space than what is always left."""
        try:
            usage = shutil.disk_usage(self.folder)
        except OSError:
            return False
        return usage.free > max(self._reserve[0], self._reserve[1] * usage.total)

    def instance(self, study: str, name: str) -> Path:
        """Return the path of an object, from the keys of its study and of itself, see `uid_key`."""
        return self.folder / "instances" / study / f"{name}.dcm"

    def outbox(self, job: int) -> Path:
        """Return the path of the folder of a job's answers."""
        return self.folder / "outbox" / str(job)

    def instances(self) -> Iterator[Path]:
        """Yield the paths of all objects."""
        yield from (self.folder / "instances").glob("*/*")

    def outboxes(self) -> Iterator[Path]:
        """Yield the paths of all folders of answers, whole and half."""
        yield from (self.folder / "outbox").iterdir()


def moved(source: Path, target: Path) -> None:
    """Give a file or folder another place on the same disk; it is on the disk when this returns.

    Args:
        source: whose content is synced.
        target: whose folder is made when absent.

    Raises:
        OSError: when the disk is full or fails.
    """
    made = not target.parent.exists()
    target.parent.mkdir(mode=_PRIVATE, exist_ok=True)
    source.replace(target)
    sync_folder(target.parent)
    if made:
        sync_folder(target.parent.parent)


def removed(path: Path) -> None:
    """Remove a file or a folder with all in it, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def uid_key(uid: str) -> str:
    """Return under which name a UID stands in the journal and the spool: what a sender chooses is never a path."""
    return hashlib.sha256(uid.encode()).hexdigest()


def sync_file(path: Path) -> None:
    """Write a file's content through to the disk.

    Raises:
        OSError: when the disk is full or fails.
    """
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Write a folder's entries through to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
