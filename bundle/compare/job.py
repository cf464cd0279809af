"""One run in a process of its own: ``python -m bundle.compare.job FOLDER``, with its overrides on the standard input.

A run that uses up the memory, or is killed, takes nothing else with it; and it ends with the process that started it.
"""

import fcntl
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import monai.bundle

from bundle.command import fail, find_sentence
from bundle.compare.folder import RunFolder
from bundle.errors import InputError

STAGES = {"training": (), "evaluate": ("evaluate.json",)}
"""Stage of a run → configs that it adds."""


def main(folder: Path, overrides: dict[str, Any], configs: list[str]) -> None:
    """Train and evaluate; what had ended before is left as it is.

    Args:
        folder: of the run.
        overrides: of the configs.
        configs: paths of those of the training.

    Raises:
        InputError: when another process is making the same run.
    """
    run = RunFolder(folder, json.loads((folder / "recipe.json").read_text(encoding="utf-8")))
    with (folder / ".lock").open("w") as lock:
        try:
            # Of this process alone, so that no worker of it keeps the lock when it is killed.
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(
                f"another process is making the run in {folder}", "wait until it has ended, or choose another --output"
            ) from None
        _make(run, overrides, configs)


def _make(run: RunFolder, overrides: dict[str, Any], configs: list[str]) -> None:
    for stage, added in STAGES.items():
        if stage in run.done:
            continue
        files = [*configs, *(str(Path(configs[0]).with_name(name)) for name in added)]
        resume = run.last_checkpoint.exists()
        monai.bundle.run(stage, config_file=files, resume=resume, **overrides)
        run.mark(stage)
    # VGG16's has 1.6 GB, and nothing goes on from it any more.
    run.last_checkpoint.unlink(missing_ok=True)


def _end_with_parent() -> None:
    """Wait for the end of the standard input, which comes when the parent process ends, however it does."""
    # Not by sys.stdin, whose lock a process forked meanwhile would inherit and wait for.
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        main(Path(sys.argv[1]), **request)
    except Exception as error:
        if (found := find_sentence(error)) is None:
            raise
        fail(found)
