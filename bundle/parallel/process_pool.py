"""One function over many items, on all cores.

`joblib.Parallel` is not used, for its generator runs ahead of whoever takes its results (299 of 300 done when one was
taken), and its processes live on when the one that started them is killed.
"""

import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from multiprocessing import resource_tracker
from typing import Any, TypeVar

import cloudpickle
from threadpoolctl import threadpool_limits

from bundle.parallel.cores import available_cores

Item = TypeVar("Item")
Result = TypeVar("Result")

ALONE = 1.0
"""Seconds of work that one process does alone, which tell how long the rest takes; starting others takes as long."""

_CHUNK = 0.1
"""Seconds of work that a process is handed at once."""
_AHEAD = 4
"""Chunks for each process that may wait to be worked on, or to be fetched."""


def map_in_processes(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    count: int,
    processes: int | None = None,
    starting: float | None = None,
) -> Iterator[Result]:
    """Yield ``function(item)`` for each item, in order, as they come; no more than a few chunks of results are held.

    The work begins in this process. Others are started only where more is left than starting them takes, and this one
    goes on until they are ready. They are spawned, since forking a process that runs threads, as numpy and torch do,
    may hang; compute in one thread each; leave Ctrl-C to this one; and end with it, also when it is killed.

    Args:
        function: sent to each process once, by `cloudpickle`, so that it may be a lambda or hold arrays.
        items: what can be pickled; taken as they are needed.
        count: how many they are.
        processes: how many work at once; as many as there are cores when None.
        starting: seconds that others take to start, where they have much to import; `ALONE` when None.

    Raises:
        Exception: what the function raised, where its result would come.
    """
    processes = available_cores() if processes is None else processes
    left = iter(items)
    start, done = time.monotonic(), 0
    for item in left:
        yield function(item)
        done += 1
        if processes > 1 and time.monotonic() - start > ALONE:
            break
    rate = done / max(time.monotonic() - start, 1e-9)
    if count - done <= rate * (ALONE if starting is None else starting):
        yield from map(function, left)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, _start_worker, (cloudpickle.dumps(function),))
    size = max(1, int(rate * _CHUNK))
    waiting: deque[Future[list[Result]]] = deque()
    before = multiprocessing.active_children()
    with _ctrl_c_held_back():
        # One each, for the pool starts a process where no earlier one is idle.
        started = [pool.submit(int) for _ in range(processes)]
    workers = [each for each in multiprocessing.active_children() if each not in before]
    try:
        while not started[-1].done() and (ahead := list(islice(left, 1))):
            yield function(ahead[0])
        while chunk := list(islice(left, size)):
            waiting.append(pool.submit(_run, chunk))
            if len(waiting) >= _AHEAD * processes:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        if not started[-1].done():
            # All is done, or Ctrl-C came, before the others were ready: they have nothing to hand over.
            for worker in workers:
                worker.terminate()
        pool.shutdown(cancel_futures=True)


_function: Callable[[Any], Any]


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Let Ctrl-C wait until the block ends; processes started inside inherit that, and never answer it."""
    # Where it starts, it lets SIGINT through again, for whatever is started after it, too.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_worker(function: bytes) -> None:
    global _function
    # When the process that started this one is killed, nobody else ends this one.
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _function = pickle.loads(function)  # noqa: S301, our own bytes
    # After the function has brought the libraries whose threads are meant.
    threadpool_limits(1)


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _run(items: Sequence[Any]) -> list[Any]:
    return [_function(item) for item in items]
