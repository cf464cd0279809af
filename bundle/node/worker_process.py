"""The node's side of its worker."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bundle.errors import InputError

_LONGEST = 1 << 24
"""Bytes of an answer."""
_START = 120.0
"""Seconds that opening a model may take."""


class WorkerDiedError(Exception):
    """The worker ended or was ended; the text says how, a clause without any value of an image."""


class WorkerProcess:
    """A process that scores, see `bundle.node.worker`, once it was opened.

    Args:
        command: that runs it.
    """

    def __init__(self, command: Sequence[str]) -> None:
        environment = {**os.environ, "MALLOC_ARENA_MAX": "2", "OMP_WAIT_POLICY": "PASSIVE"}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2], env=environment, start_new_session=True,
        )  # fmt: skip
        self._rest = b""

    def open(self, setup: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what it scores with.

        Args:
            setup: first line that it reads.

        Raises:
            InputError: when it cannot open what it is to score with.
            WorkerDiedError: when it ends before that, or takes too long.
        """
        about = self.ask(setup, _START)
        if "error" in about:
            self.kill()
            raise InputError(str(about["error"]))
        return about

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def ask(self, request: Mapping[str, Any], seconds: float) -> Mapping[str, Any]:
        """Return the answer to a request.

        Raises:
            WorkerDiedError: when it ends, answers no JSON, or not in time; it is gone then.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            answer = json.loads(self._line(time.monotonic() + seconds))
            if not isinstance(answer, dict):
                raise ValueError
        except TimeoutError:
            self.kill()
            raise WorkerDiedError(f"took more than {seconds:g} seconds") from None
        except (OSError, EOFError):
            self.kill()
            raise WorkerDiedError(self._how()) from None
        except ValueError:
            self.kill()
            raise WorkerDiedError("answered no JSON") from None
        return answer

    def end(self) -> None:
        """End it from another thread, so that `ask` raises."""
        self._process.kill()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with contextlib.suppress(OSError):  # a request that was not read any more
                stream.close()

    def _line(self, end: float) -> bytes:
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                if not selector.select(max(0.0, end - time.monotonic())):
                    raise TimeoutError
                part = os.read(self._process.stdout.fileno(), 1 << 16)
                if not part or len(self._rest) > _LONGEST:
                    raise EOFError
                self._rest += part
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _how(self) -> str:
        status = self._process.returncode
        return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
