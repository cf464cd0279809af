"""How a command of the bundle ends: with its result, or with one sentence that says why it did not end so."""

import errno
import os
import re
import sys
import time
from collections.abc import Callable
from traceback import clear_frames
from types import TracebackType
from typing import Any, NoReturn

import fire

from bundle.command.arguments import keep_texts
from bundle.errors import find_input_error

_FAILED = "Error: "
_BROKEN_CONNECTION = re.compile(r"gloo/transport|^Dist\w*Error")
_ANOTHER_ENDED = (
    "another process of this job has ended, for the reason that it or the launcher gives; start the job again, "
    "a training with --resume true"
)
_HEAD_START = 2.0
_INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it: 128 and the number of the signal."""
_START_AGAIN = "start the same command again"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_TRACEBACK = "Traceback (most recent call last):"
_EXCEPTION = re.compile(r"^(?:\w+\.)*\w+(?:Error|Exception): .*$", re.MULTILINE)


def fail(sentence: str) -> NoReturn:
    """Print `sentence` on the standard error and exit with status 1."""
    print(f"{_FAILED}{sentence}", file=sys.stderr)
    raise SystemExit(1)


def find_failure(output: str) -> str:
    """Return the sentence with which the command that printed `output` failed; "" when it printed nothing.

    That is its last line; of a traceback the exception that came first, which caused those after it.
    """
    lines = [line for line in output.splitlines() if line.strip()]
    if not lines or lines[-1].startswith(_FAILED):
        return lines[-1].removeprefix(_FAILED) if lines else ""
    first = _EXCEPTION.search(output.partition(_TRACEBACK)[2])
    return first[0] if first else lines[-1]


def find_sentence(error: BaseException) -> str | None:
    """Return the sentence of bad input or of a full disk, by which `error` was caused; None when it was by neither."""
    if (found := find_input_error(error)) is not None:
        return str(found)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _FULL:
            place = f"the disk of {cause.filename}" if cause.filename else "a disk that is written to"
            return f"{place} is full; make room and start again, a training with --resume true"
        cause = cause.__cause__ or cause.__context__
    return None


def exit_with(status: int) -> None:
    """End the process with an exit status, unless that is 0: then what comes after a run is still done."""
    if status:
        raise SystemExit(status)


def run_command(component: Callable[..., Any] | dict[str, Callable[..., Any]]) -> None:
    """Run a function, or a dict of them as subcommands, as a command line; bad input and Ctrl-C end with one sentence.

    Texts are handed over as they were typed, see `bundle.command.arguments.keep_texts`.
    """
    for each in component.values() if isinstance(component, dict) else [component]:
        keep_texts(each)
    arguments = sys.argv[1:]
    if {"-h", "--help"}.intersection(arguments):
        # Fire would first run what else is asked for, and then show the help of what that returned.
        subcommand = [each for each in arguments[:1] if isinstance(component, dict) and each in component]
        arguments = [*subcommand, "--", "--help"]
    try:
        fire.Fire(component, command=arguments)
    except Exception as error:
        if (found := find_sentence(error)) is None:
            raise
        fail(found)
    except KeyboardInterrupt as interrupt:
        _end_interrupted(interrupt)


def end_with_one_sentence(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """End the process as `sys.excepthook` does, but bad input and Ctrl-C with a sentence alone and status 1 or 130."""
    if isinstance(error, KeyboardInterrupt):
        _end_interrupted(error)
    found = find_sentence(error)
    left_alone = found is None and _is_left_alone(error)
    if found is None and not left_alone:
        sys.__excepthook__(kind, error, traceback)
        return
    first = _is_first()
    if not first:
        # Mostly rank 0 has the same to say; once it has, the launcher ends the others.
        time.sleep(_HEAD_START)
    print(f"{_FAILED}{found or _ANOTHER_ENDED}", file=sys.stderr, flush=True)
    if first and left_alone:
        # The launcher names the process that it sees ending first.
        time.sleep(_HEAD_START)
    _end_at_once(1)


def _end_interrupted(interrupt: KeyboardInterrupt) -> NoReturn:
    """End the process after Ctrl-C, with how to go on: the first note that the exception was given on its way up."""
    if _is_first():
        how = getattr(interrupt, "__notes__", [_START_AGAIN])[0]
        below_the_bar = "\n" if sys.stderr.isatty() else ""
        print(f"{below_the_bar}Stopped: {how}", file=sys.stderr, flush=True)
    # What they hold, such as a pool of processes, is closed.
    clear_frames(interrupt.__traceback__)
    _end_at_once(_INTERRUPTED)


def _is_first() -> bool:
    """Return whether this is the process of its job that speaks."""
    return int(os.environ.get("RANK", 0)) == 0


def _end_at_once(status: int) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    # A pool of threads or processes may still be loading other files; waiting for it, the interpreter would abort.
    os._exit(status)


def _is_left_alone(error: BaseException | None) -> bool:
    """Return whether `error` comes of a connection to another process of the job that broke."""
    while error is not None:
        if _BROKEN_CONNECTION.search(f"{type(error).__name__}: {error}"):
            return True
        error = error.__cause__ or error.__context__
    return False
