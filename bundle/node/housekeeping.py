"""What a node does every now and then: find what is complete, and what is old."""

import time
from collections.abc import Callable

from bundle.node import jobs
from bundle.node.aside import show_set_aside
from bundle.node.background import Background
from bundle.node.completion import Completion
from bundle.node.config import Keep
from bundle.node.journal import Journal
from bundle.node.retention import purge_old
from bundle.node.spool import Spool

_PAUSE = 0.1
_RETENTION = 60.0


class Housekeeping(Background):
    """Finds studies that are complete, associations that are over, and files that are kept no longer.

    Args:
        keep: for how long files are kept.
        spool: where they are.
        journal: where jobs are.
        completion: which knows what is complete.
        sweep: forgets associations that are over.
        completed: called when there is something to score.
    """

    def __init__(
        self, keep: Keep, spool: Spool, journal: Journal, completion: Completion,
        sweep: Callable[[], None], completed: Callable[[], None],
    ) -> None:  # fmt: skip
        super().__init__("the journal", _PAUSE, _PAUSE)
        self._keep, self._spool, self._journal, self._completion = keep, spool, journal, completion
        self._sweep, self._completed = sweep, completed
        self._begun = self._purged = time.monotonic()
        # Whether studies were taken for complete that the journal could not note: they are collected again.
        self._lost = False

    def _work(self) -> bool:
        self._sweep()
        if self._lost:
            for row in self._journal.read("SELECT study FROM job WHERE state = ?", jobs.JobState.COLLECTING):
                self._completion.collected(row["study"])
            self._lost = False
        try:
            for study in self._completion.take_complete():
                if jobs.complete(self._journal, study) is not None:
                    self._completed()
        except Exception:
            self._lost = True
            raise
        if time.monotonic() - self._purged > _RETENTION:
            self._purged = time.monotonic()
            jobs.close_all(self._journal)
            purge_old(self._spool, self._journal, self._keep, time.monotonic() - self._begun)
            show_set_aside(self._spool, self._journal)
        return False
