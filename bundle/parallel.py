"""One function over many files, on all cores."""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from bundle.errors import InputError

Result = TypeVar("Result")

FEW = 5000
"""Number of files up to which starting processes takes longer than they save."""


def map_files(function: Callable[[Path], Result], files: Sequence[Path], title: str) -> list[Result | InputError]:
    """Return ``function(file)`` for each file, in order, with a progress bar on a terminal.

    Args:
        function: a function of a module's top level; processes are spawned, and must be able to import it.
        files: the files.
        title: what the progress bar says.

    Returns:
        The results; where the function raised an `InputError`, that error, so that one bad file does not end the run.
    """
    task = partial(_catch, function)
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    progress = partial(tqdm, total=len(files), desc=title, unit="file", disable=None)
    if len(files) <= FEW or workers == 1:
        return list(progress(map(task, files)))
    # Forking a process that runs threads, as numpy and torch do, may hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        return list(progress(pool.map(task, files, chunksize=64)))


def _catch(function: Callable[[Path], Result], file: Path) -> Result | InputError:
    try:
        return function(file)
    except InputError as error:
        return error
