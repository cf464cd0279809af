"""The process that decodes and scores: it reads requests and writes answers, a line of JSON each.

What a sender's image does to a decoder happens here alone. Of JSON the node makes nothing but data.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from bundle.errors import InputError, find_input_error

Scorer = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Request → answer, see `bundle.node.inference.Scored`."""

_DIE_WITH_PARENT = 1
_MB = 1_000_000


def serve_requests(open_scorer: Callable[[Mapping[str, Any]], tuple[Mapping[str, Any], Scorer]]) -> None:
    """Answer requests until there are no more.

    The first line is the setup, which is answered by what the scorer is; each other line is a request.

    Args:
        open_scorer: makes of the setup what the scorer is, and the scorer.
    """
    answers = _private_output()
    setup = json.loads(sys.stdin.readline())
    _limit(setup["memory_mb"])
    try:
        about, score = open_scorer(setup)
    except InputError as error:
        _write(answers, {"error": str(error)})
        return
    _write(answers, about)
    for line in sys.stdin:
        _write(answers, _answer(score, json.loads(line)))


def _answer(score: Scorer, request: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return score(request)
    except OSError as error:
        return {"disk": error.strerror or type(error).__name__}
    except MemoryError:
        os._exit(1)  # what is left of the process is not to be trusted
    except Exception as error:
        found = find_input_error(error)
        if found is not None and isinstance(found.__cause__, OSError):
            return {"disk": found.__cause__.strerror or "cannot be written to"}
        # A file is named by its hash; the text of any other error could hold a value of a header.
        return {"error": str(found) if found is not None else f"scoring failed with {type(error).__name__}"}


def _private_output() -> TextIO:
    """Return what is read by the node, and let all that libraries print go nowhere."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return answers


def _limit(memory_mb: int) -> None:
    """End with the node; use no more memory than that; be the first process that a machine without memory ends."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * _MB, memory_mb * _MB))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Ctrl-C is for the node, which lets the worker finish.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    if sys.platform == "linux":
        Path("/proc/self/oom_score_adj").write_text("1000")


def die_with_parent() -> None:
    """Let the system kill this process when the thread that started it ends, however that happens; on Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _write(answers: TextIO, content: Mapping[str, Any]) -> None:
    answers.write(json.dumps(content) + "\n")
    answers.flush()
