"""One function over many files, on all cores."""

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from stat import S_ISREG
from typing import Any, TypeVar

from tqdm import tqdm

from bundle.errors import InputError
from bundle.parallel.cores import available_cores
from bundle.parallel.journal import Journal, current_journal

Result = TypeVar("Result")

ALONE = 1.0
"""Seconds of work that one process does alone, about as much as starting others takes."""

_CHUNK = 0.1
"""Seconds of work that a process is handed at once."""
_AHEAD = 4
"""Chunks for each process that may wait to be worked on, or to be fetched."""


def map_files(function: Callable[[Path], Result], files: Sequence[Path], title: str) -> Iterator[Result | InputError]:
    """Yield ``function(file)`` for each file, in order, with a progress bar on a terminal.

    Results are yielded as they come, and no more than a few chunks are held. Inside `keep_results`
    they are kept on the disk by function, path, size and time of change, and those of an earlier run are not computed
    again; then the function must return plain JSON values. Errors and folders are not kept.

    Args:
        function: a function of a module's top level, or a partial of one; processes are spawned, and must be able to
            import it.
        files: the files.
        title: what the progress bar says.

    Yields:
        The results; where the function raised an `InputError`, that error, so that one bad file does not end the run.
    """
    journal = current_journal()
    task = partial(_catch, function)
    results = _map(task, files, len(files)) if journal is None else _remember(journal, function, task, files)
    yield from tqdm(results, total=len(files), desc=title, unit="file", disable=None)


def _remember(
    journal: Journal, function: Callable[[Path], Any], task: Callable[[Path], Any], files: Sequence[Path]
) -> Iterator[Any]:
    """Yield each file's result from the journal, or work it out and add it."""
    keys: deque[tuple[str, bool]] = deque()

    def unknown() -> Iterator[Path]:
        for file in files:
            key = _key(function, file)
            keys.append((key, key in journal))
            if key not in journal:
                yield file

    for result in _map(task, unknown(), len(files)):
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


def _map(task: Callable[[Path], Result], files: Iterable[Path], count: int) -> Iterator[Result]:
    workers = available_cores()
    left = iter(files)
    start, done = time.monotonic(), 0
    for file in left:
        yield task(file)
        done += 1
        if workers > 1 and time.monotonic() - start > ALONE:
            break
    rate = done / max(time.monotonic() - start, 1e-9)
    if count - done <= rate * ALONE:
        yield from map(task, left)
        return
    # Forking a process that runs threads, as numpy and torch do, may hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)
    size = max(1, int(rate * _CHUNK))
    waiting: deque[Future[list[Result]]] = deque()
    try:
        started = pool.submit(int)
        while not started.done() and (ahead := next(left, None)) is not None:
            yield task(ahead)
        while chunk := list(islice(left, size)):
            waiting.append(pool.submit(_run, task, list(map(str, chunk))))
            if len(waiting) >= _AHEAD * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker() -> None:
    # The process that started this one answers Ctrl-C for both; when it is killed, nobody else ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _run(task: Callable[[Path], Result], files: Sequence[str]) -> list[Result]:
    # As texts, which are handed over in a fraction of the time that paths take.
    return [task(Path(file)) for file in files]


def _catch(function: Callable[[Path], Result], file: Path) -> Result | InputError:
    try:
        return function(file)
    except InputError as error:
        return error
