"""One function over many files, on all cores, with what an interrupted run left."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from stat import S_ISREG
from typing import Any, TypeVar

from bundle.errors import InputError
from bundle.parallel.journal import Journal, current_journal
from bundle.parallel.process_pool import map_in_processes
from bundle.progress import progress

Result = TypeVar("Result")


def map_files(function: Callable[[Path], Result], files: Sequence[Path], title: str) -> Iterator[Result | InputError]:
    """Yield ``function(file)`` for each file, in order, and show how far they have come.

    See `map_in_processes`. Inside `keep_results` the results are kept on the disk by function, path, size and time of
    change, and those of an earlier run are not computed again; then the function must return plain JSON values. Errors
    and folders are not kept.

    Args:
        function: a function of a module's top level, or a partial of one.
        files: the files.
        title: what the work is called where its progress is shown.

    Yields:
        The results; where the function raised an `InputError`, that error, so that one bad file does not end the run.
    """
    journal = current_journal()
    results = _map(function, files, len(files)) if journal is None else _remember(journal, function, files)
    yield from progress(results, total=len(files), desc=title, unit="file", delay=1)


def _map(function: Callable[[Path], Any], files: Iterator[Path] | Sequence[Path], count: int) -> Iterator[Any]:
    # As texts, which are handed over in a fraction of the time that paths take.
    return map_in_processes(partial(_catch, function), map(str, files), count)


def _catch(function: Callable[[Path], Result], file: str) -> Result | InputError:
    try:
        return function(Path(file))
    except InputError as error:
        return error


def _remember(journal: Journal, function: Callable[[Path], Any], files: Sequence[Path]) -> Iterator[Any]:
    """Yield each file's result from the journal, or work it out and add it."""
    keys: deque[tuple[str, bool]] = deque()

    def unknown() -> Iterator[Path]:
        for file in files:
            key = _key(function, file)
            keys.append((key, key in journal))
            if key not in journal:
                yield file

    for result in _map(function, unknown(), len(files)):
        while keys[0][1]:
            yield journal[keys.popleft()[0]]
        key, _ = keys.popleft()
        if key and not isinstance(result, InputError):
            journal.append(key, result)
        yield result
    for key, _ in keys:
        yield journal[key]


def _key(function: Callable[[Path], Any], file: Path) -> str:
    """Return by what the result of a function on a file is known again, "" for what is no file."""
    try:
        status = file.stat()
    except OSError:
        return ""
    if not S_ISREG(status.st_mode):
        return ""
    bound: list[Any] = []
    if isinstance(function, partial):
        bound, function = [*function.args, *sorted(function.keywords.items())], function.func
    return f"{function.__module__}.{function.__qualname__} {bound} {file} {status.st_size} {status.st_mtime_ns}"
