"""Gives complete studies to the worker, one after the other, and puts its answers into the outbox."""

import hashlib
import json
import logging
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bundle.errors import InputError
from bundle.node import claims, jobs
from bundle.node.aside import show_set_aside
from bundle.node.background import Background, reason
from bundle.node.claims import Claim
from bundle.node.config import Config
from bundle.node.crash_points import AFTER_OUTBOX, WHILE_INFERRING, reached
from bundle.node.jobs import Verdict
from bundle.node.journal import Journal
from bundle.node.log import Pseudonyms
from bundle.node.outbox import Made, NoResultError, fixed
from bundle.node.spool import Spool, removed
from bundle.node.states import JobState
from bundle.node.tally import Tally
from bundle.node.worker_process import WorkerDiedError, WorkerProcess

logger = logging.getLogger(__name__)

_PAUSE = 0.5
"""Seconds between two looks at the journal, where nobody says that there is something to do."""
_AGAIN = 5.0
"""Seconds after which a worker is started again that could not open its model, or a disk is tried again."""
_MULTI_FRAME = "its objects are multi-frame; send single-frame CT"
_UNREAD = "its multi-frame objects were not read"


class Dispatcher(Background):
    """Scores what is ready.

    Args:
        config: of the node.
        command: that runs the worker.
        spool: where files are.
        journal: where jobs are.
        tally: which counts.
        names: of studies, for the log.
        answered: called when there is something to send.

    Attributes:
        about: what the worker scores with, None while there is none.
        problem: why there is none, "" for no reason.
    """

    def __init__(
        self, config: Config, command: Sequence[str], spool: Spool, journal: Journal, tally: Tally,
        names: Pseudonyms, answered: Callable[[], None],
    ) -> None:  # fmt: skip
        super().__init__("scoring", _PAUSE, _AGAIN)
        self._config, self._command = config, command
        self._spool, self._journal, self._tally, self._names = spool, journal, tally, names
        self._answered = answered
        self._worker: WorkerProcess | None = None
        self._model: str | None = None
        self.about: Mapping[str, Any] | None = None
        self.problem = "the worker has not started yet"

    def stop(self, seconds: float | None = None) -> None:
        """Let the running study end within some seconds, else leave it for the next start."""
        self._stop.set()
        if self.about is None and self._worker is not None:  # it is opening the model, and has no study
            self._worker.end()
        super().stop(seconds)
        if self._thread.is_alive() and self._worker is not None:
            self._worker.end()
            self._thread.join()

    def _run(self) -> None:
        try:
            super()._run()
        finally:
            if self._worker is not None:
                self._worker.kill()

    def _work(self) -> bool:
        """Score one study, and return whether there may be another."""
        if not self._has_worker() or not self._spool.has_room():
            return False
        claim = claims.claim(self._journal)
        if claim is None:
            return False
        self._score(claim)
        return True

    def _has_worker(self) -> bool:
        """Return whether there is a worker, which is started where there is none."""
        if self._worker is not None:
            return True
        config = self._config
        setup = {
            "export": config.export, "runtime": config.runtime, "station": config.receive.ae_title,
            "memory_mb": config.worker.memory_mb, "threads": config.worker.threads,
        }  # fmt: skip
        self._worker = WorkerProcess(self._command)
        try:
            about = self._worker.open(setup)
        except (InputError, WorkerDiedError) as error:
            return self._has_none(str(error))
        if self._model not in (None, about["model"]):
            return self._has_none("the exported files were replaced; start the node again to use the new ones")
        self._model, self.about, self.problem = str(about["model"]), about, ""
        logger.info("worker %d scores with %s, model %s", self._worker.pid, about["runtime"], self._model[:12])
        return True

    def _has_none(self, problem: str) -> bool:
        if problem != self.problem:
            logger.error("no worker: %s", problem)
        self.problem = problem
        self._forget_worker()
        self._stop.wait(_AGAIN)
        return False

    def _score(self, claim: Claim) -> None:
        job, begun = claim.job, time.monotonic()
        if not claim.names:
            self._aside(job, _MULTI_FRAME if claim.multi_frame else "it has no objects")
            return
        part = self._spool.outbox(job).with_suffix(".part")
        try:
            removed(part)
            part.mkdir(mode=0o700)
            answer = self._ask(claim, part)
            if "disk" in answer:
                raise OSError(0, str(answer["disk"]))
            if "error" in answer:
                self._aside(job, str(answer["error"]))
                return
            if claim.multi_frame and not answer["action"]:
                self._aside(job, _MULTI_FRAME)
                return
            self._keep(claim, answer, part, time.monotonic() - begun)
        except (WorkerDiedError, NoResultError) as error:
            self._forget_worker()
            self.problem = f"it {error}"
            if self._stop.is_set():
                claims.put_back(self._journal, job)
                return
            self._tally.add("worker_deaths")
            self._fail(job, f"the worker {error}")
        except (OSError, sqlite3.OperationalError):
            claims.put_back(self._journal, job)
            raise
        except Exception as error:
            self._fail(job, f"the answer failed with {reason(error)}")
            raise
        finally:
            removed(part)

    def _forget_worker(self) -> None:
        assert self._worker is not None
        self._worker.kill()
        self._worker, self.about = None, None

    def _ask(self, claim: Claim, part: Path) -> Mapping[str, Any]:
        earlier = claim.earlier
        request = {
            "files": [str(self._spool.instance(claim.key, name)) for name in claim.names],
            "folder": str(part),
            "lacking": _lacking(claim),
            "earlier_number": earlier.number if earlier else 0,
            "earlier_action": earlier.action if earlier else "",
            "earlier_reports": [each._asdict() for each in earlier.reports] if earlier else [],
        }
        assert self._worker is not None
        if self._stop.is_set():
            raise WorkerDiedError("was not asked")
        reached(WHILE_INFERRING)
        return self._worker.ask(request, self._config.worker.time_limit_s)

    def _keep(self, claim: Claim, answer: Mapping[str, Any], part: Path, seconds: float) -> None:
        """Fix all bytes of an answer on the disk before any of them is sent."""
        job, folder = claim.job, self._spool.outbox(claim.job)
        # What it says, too: the same slices are said again where another that came late could not be scored.
        said = json.dumps([self._model, sorted(answer["inputs"]), answer["said"]])
        digest = hashlib.sha256(said.encode()).hexdigest()
        verdict = Verdict(digest, answer["action"], answer["p_any"], answer["reason"])
        made: list[Made] = []
        if not claims.is_said(self._journal, claim.study, verdict.input):
            made = fixed(self._spool, part, folder, answer["objects"])
        reached(AFTER_OUTBOX)
        state = jobs.answer(self._journal, job, verdict, made, [(x.name, x.objects) for x in self._config.destinations])
        if state is None:
            removed(folder)
        self._tally.add("seconds", seconds, stage="score")
        self._tally.add("scored", action=verdict.action or "nothing to score")
        study, count = self._names(claim.key), len(claim.names)
        logger.info("job %d (study %s): %d slices, %d results, %.1f s", job, study, count, len(made), seconds)
        self._answered()

    def _fail(self, job: int, why: str) -> None:
        state = claims.fail(self._journal, job, why)
        logger.error("job %d: %s; the job is %s", job, why, state)
        show_set_aside(self._spool, self._journal)

    def _aside(self, job: int, why: str) -> None:
        jobs.set_aside(self._journal, job, why)
        show_set_aside(self._spool, self._journal)
        logger.warning("job %d is %s: %s", job, JobState.ASIDE, why)


def _lacking(claim: Claim) -> list[str]:
    """Return clauses about what of a study the worker does not get."""
    found = [_UNREAD] if claim.multi_frame else []
    if claim.missing:
        listed = len(claim.names) + claim.multi_frame + claim.missing
        found.append(f"{claim.missing} of {listed} objects {'was' if claim.missing == 1 else 'were'} not received")
    return found
