"""Results of slow work, kept as they come, so that what is interrupted and started again goes on where it was."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from bundle.errors import InputError

_current: ContextVar["Journal | None"] = ContextVar("journal", default=None)


class Journal:
    """An append-only file of JSON arrays ``[key, value]``, one a line; the first line names the version that wrote it.

    When the file is opened again, a line that a kill cut off is dropped, and all of them when another version wrote
    them. Only keys are held in memory, and only those of earlier runs.

    Attributes:
        path: the file.
        empty: whether neither this run nor an earlier one left a value.
    """

    def __init__(self, path: Path, version: str) -> None:
        """Open or make the file.

        Raises:
            InputError: when it cannot be written to.
        """
        self.path = path
        self.empty = True
        self._places: dict[str, int] = {}
        try:
            self._writer = path.open("ab", buffering=0)
            self._reader = path.open("rb")
            self._read_places(version)
        except OSError as error:
            raise InputError(
                f"cannot be written ({error.strerror})", "choose another file with --output", path
            ) from None

    def __len__(self) -> int:
        """Return how many values earlier runs left."""
        return len(self._places)

    def __contains__(self, key: str) -> bool:
        """Return whether an earlier run left a value."""
        return key in self._places

    def __getitem__(self, key: str) -> Any:
        """Return the value that an earlier run left."""
        self._reader.seek(self._places[key])
        return json.loads(self._reader.readline())[1]

    def append(self, key: str, value: Any) -> None:
        """Keep a value for later runs.

        Raises:
            TypeError: when it would not come back from JSON as it is.
        """
        line = json.dumps([key, value])
        if json.loads(line)[1] != value:
            raise TypeError(f"{key} gave {value!r}, which JSON does not hold as it is")
        self._writer.write(line.encode() + b"\n")
        self.empty = False

    def close(self) -> None:
        """Close the file, and leave it."""
        self._reader.close()
        self._writer.close()

    def _read_places(self, version: str) -> None:
        first = json.dumps(version).encode() + b"\n"
        end = 0
        if self._reader.readline() == first:
            end = len(first)
            for line in self._reader:
                try:
                    key, _ = json.loads(line)
                except ValueError:
                    break
                if not line.endswith(b"\n"):
                    break
                self._places[key] = end
                end += len(line)
        self.empty = not self._places
        self._writer.truncate(end)
        if not end:
            self._writer.write(first)


def current_journal() -> Journal | None:
    """Return the journal that `keep_results` opened, if any."""
    return _current.get()


@contextmanager
def without_journal() -> Iterator[None]:
    """Keep nothing of what is read within, whose results JSON does not hold."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def keep_results(path: Path, version: str) -> Iterator[Journal]:
    """Keep what `bundle.parallel.map_files` reads inside, and find what an earlier run kept.

    The file is removed when the block ends, and left for the next run when it is interrupted or fails.

    Args:
        path: of the file.
        version: of what reads; results of another one are dropped.

    Raises:
        InputError: when the file cannot be written to.
    """
    journal = Journal(path, version)
    token = _current.set(journal)
    ended = False
    try:
        yield journal
        ended = True
    except KeyboardInterrupt as interrupt:
        if not journal.empty:
            interrupt.add_note("start the same command again, and it goes on where it was")
        raise
    finally:
        _current.reset(token)
        journal.close()
        if ended or journal.empty:
            path.unlink()
