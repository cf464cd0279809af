"""The threads of a node, none of which may end before the node does."""

import logging
import threading
from abc import ABC, abstractmethod
from pathlib import Path
from traceback import extract_tb

logger = logging.getLogger(__name__)


class Background(ABC):
    """A thread that works, round after round, until it is stopped.

    Whatever a round fails with, there is another one after a rest: if the thread ended, the node would go on to take
    heads that are never answered. Meanwhile the node is not ready.

    Args:
        task: what it does, for the log.
        pause_s: seconds until the next round, when there is nothing to do and nobody wakes it.
        rest_s: seconds until the next round, when one has failed.

    Attributes:
        stuck: why the last round failed, "" when it did not.
    """

    def __init__(self, task: str, pause_s: float, rest_s: float) -> None:
        self.task = task
        self.stuck = ""
        self._pause_s, self._rest_s = pause_s, rest_s
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=task, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there may be something to do."""
        self._wake.set()

    def stop(self, seconds: float | None = None) -> None:
        """Let the running round end, and wait for that.

        Args:
            seconds: to wait at most; as long as it takes when left out.
        """
        self._stop.set()
        self._wake.set()
        self._thread.join(seconds)

    @abstractmethod
    def _work(self) -> bool:
        """Do one round, and return whether there may be more to do at once."""

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                again = self._work()
                self.stuck = ""
            except Exception as error:
                self._stick(error)
                self._stop.wait(self._rest_s)
                continue
            if not again:
                self._wake.wait(self._pause_s)

    def _stick(self, error: Exception) -> None:
        said = reason(error)
        if said != self.stuck:
            logger.error("%s waits: %s", self.task, said)
        self.stuck = said


def reason(error: Exception) -> str:
    """Return why something failed, without what the message of an error may quote: values of headers.

    >>> reason(OSError(28, "No space left on device"))
    'No space left on device'
    """
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    frames = extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
