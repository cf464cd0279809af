"""How a command of the bundle ends: with its result, or with one sentence that says what was wrong."""

import difflib
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, NoReturn

import fire

from bundle.errors import InputError, find_input_error

_FAILED = "Error: "
_BROKEN_CONNECTION = re.compile(r"gloo/transport|^Dist\w*Error")
_ANOTHER_ENDED = (
    "another process of this job has ended, for the reason that it or the launcher gives; start the job again, "
    "a training with --resume true"
)
_HEAD_START = 2.0
_RUN_ARGUMENTS = {
    "run_id", "init_id", "final_id", "meta_file", "config_file", "logging_file", "tracking", "args_file",
    "workflow_name", "workflow_type", "bundle_root",
}  # fmt: skip


def fail(sentence: str) -> NoReturn:
    """Print `sentence` on the standard error and exit with status 1."""
    print(f"{_FAILED}{sentence}", file=sys.stderr)
    raise SystemExit(1)


def find_failure(output: str) -> str:
    """Return the sentence with which the command that printed `output` failed: its last line; "" when it has none."""
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1].removeprefix(_FAILED) if lines else ""


def exit_with(status: int) -> None:
    """End the process with an exit status, unless that is 0: then what comes after a run is still done."""
    if status:
        raise SystemExit(status)


def run_command(component: Callable[..., Any] | dict[str, Callable[..., Any]]) -> None:
    """Run a function, or a dict of them as subcommands, as a command line; bad input ends with one sentence."""
    arguments = sys.argv[1:]
    if {"-h", "--help"}.intersection(arguments):
        # Fire would first run what else is asked for, and then show the help of what that returned.
        subcommand = [each for each in arguments[:1] if isinstance(component, dict) and each in component]
        arguments = [*subcommand, "--", "--help"]
    try:
        fire.Fire(component, command=arguments)
    except Exception as error:
        if (found := find_input_error(error)) is None:
            raise
        fail(str(found))


def begin(argv: Sequence[str] | None = None) -> None:
    """Prepare a run of ``python -m monai.bundle``: check its overrides, and end bad input with one sentence.

    Does nothing in a process that some other program started.

    Args:
        argv: the command line, `sys.argv` when None.
    """
    argv = list(sys.argv if argv is None else argv)
    if not argv or not re.search(r"\bmonai\b", argv[0]):  # a server of MONAI Label trains, too
        return
    sys.excepthook = _one_sentence
    check_overrides(argv[1:])


def check_overrides(arguments: Sequence[str]) -> None:
    """Check that every ``--key`` of a command line is known to ``monai.bundle run`` or to the configs it names.

    MONAI adds an unknown key silently, so that a misspelt hyperparameter would train with its default.

    Raises:
        InputError: naming the first unknown key and the closest known ones.
    """
    from monai.bundle import ConfigParser  # takes seconds to import, which the scripts need not wait for

    given = {}
    for position, argument in enumerate(arguments):
        if argument.startswith("--"):
            key, _, value = argument[2:].partition("=")
            given[key] = value or (arguments[position + 1] if position + 1 < len(arguments) else "")
    files = re.findall(r"[^\s\[\]'\",]+", given.get("config_file", ""))
    config = ConfigParser.load_config_files(files)
    parser = ConfigParser(config)
    known = {key for key in config if not key.startswith("_")}
    for key in given:
        if key in _RUN_ARGUMENTS or key in known:
            continue
        if re.split("[#:]+", key)[0] in known and key in parser:
            continue
        close = difflib.get_close_matches(key, sorted(known), n=3)
        remedy = f"did you mean {' or '.join(close)}?" if close else f"known are {', '.join(sorted(known))}"
        raise InputError(f"the configs {', '.join(files)} have no key {key!r}", remedy)


def _one_sentence(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    found = find_input_error(error)
    left_alone = found is None and _is_left_alone(error)
    if found is None and not left_alone:
        sys.__excepthook__(kind, error, traceback)
        return
    first = int(os.environ.get("RANK", 0)) == 0
    if not first:
        # Mostly rank 0 has the same to say; once it has, the launcher ends the others.
        time.sleep(_HEAD_START)
    print(f"{_FAILED}{found or _ANOTHER_ENDED}", file=sys.stderr, flush=True)
    sys.stdout.flush()
    if first and left_alone:
        # The launcher names the process that it sees ending first.
        time.sleep(_HEAD_START)
    # A pool of threads may still be loading other files; waiting for it, the interpreter would abort.
    os._exit(1)


def _is_left_alone(error: BaseException | None) -> bool:
    """Return whether `error` comes of a connection to another process of the job that broke."""
    while error is not None:
        if _BROKEN_CONNECTION.search(f"{type(error).__name__}: {error}"):
            return True
        error = error.__cause__ or error.__context__
    return False
