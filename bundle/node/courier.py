"""Brings answers to one destination, again and again until it has them."""

import logging
import math
import random
import sqlite3
import time
from collections.abc import Sequence

from bundle.node import deliveries, jobs
from bundle.node.aside import show_set_aside
from bundle.node.background import Background, reason
from bundle.node.config import Destination, Send
from bundle.node.crash_points import AFTER_ANSWER, reached
from bundle.node.deliveries import Delivery
from bundle.node.destination import BrokenOffError, Outcome, RefusedError, Sender, UnreachableError
from bundle.node.journal import Journal
from bundle.node.spool import Spool
from bundle.node.states import PENDING, DeliveryState, JobState
from bundle.node.tally import Tally

logger = logging.getLogger(__name__)

_PAUSE = 0.5
_HOUR = 3600.0
_JITTER = 0.2


class Courier(Background):
    """A thread for a destination, so that none waits for another.

    Args:
        destination: which it is.
        sender: sends to it.
        rule: how often.
        spool: where files are.
        journal: what is to be sent.
        tally: which counts.
    """

    def __init__(
        self, destination: Destination, sender: Sender, rule: Send, spool: Spool, journal: Journal, tally: Tally
    ) -> None:
        super().__init__(f"sending to {destination.name}", _PAUSE, rule.retry_s)
        self._destination, self._sender, self._rule = destination, sender, rule
        self._spool, self._journal, self._tally = spool, journal, tally
        self._begun = time.monotonic()
        self._failures = 0
        self._broke_off_at: int | None = None
        self._failure = ""
        self._refused: dict[int, str] = {}

    @property
    def name(self) -> str:
        """Of the destination."""
        return self._destination.name

    @property
    def problem(self) -> str:
        """Why it takes nothing at the moment, or lacks what it was to have twice; "" for no reason."""
        refused = list(self._refused.items())  # at once, as the thread changes it
        if self._failure or not refused:
            return self._failure
        # A person may have set aside, in another process, what was refused.
        waiting = deliveries.waiting(self._journal, self.name)
        return next((said for number, said in refused if number in waiting), "")

    def stop(self, seconds: float | None = None) -> None:
        """Stop after the object that is being sent."""
        super().stop(seconds)
        self._sender.close()

    def _work(self) -> bool:
        """Send what is due, or ask whether what was sent is kept; return whether there was anything."""
        delivery = deliveries.next_delivery(self._journal, self._spool, self.name)
        if delivery is not None:
            self._deliver(delivery)
            return True
        if self._destination.commitment:
            delivery = deliveries.next_delivery(self._journal, self._spool, self.name, DeliveryState.STORED)
            if delivery is not None:
                self._ask_commitment(delivery)
        return delivery is not None

    def _ask_commitment(self, delivery: Delivery) -> None:
        try:
            self._sender.ask_commitment(delivery.parcels)
            self._recovered()
        except (UnreachableError, RefusedError) as error:
            self._failed(error)
        numbers = [parcel.object for parcel in delivery.parcels]
        if deliveries.asked(self._journal, self.name, numbers, self._rule.commitment_s, self._give_up()):
            self._close(delivery.job)

    def committed(self, uids: Sequence[str], lost: Sequence[str]) -> None:
        """Write down what the destination says that it keeps.

        Args:
            uids: of objects that it keeps.
            lost: of objects that it does not keep.
        """
        if lost:
            logger.warning("%s does not keep %d objects, which are sent again", self.name, len(lost))
        for job in deliveries.committed(self._journal, self.name, uids, lost, self._rule.commitment_s):
            self._close(job)

    def _deliver(self, delivery: Delivery) -> None:
        left, begun = [parcel.object for parcel in delivery.parcels], time.monotonic()
        try:
            for outcome in self._sender.send(delivery.parcels):
                reached(AFTER_ANSWER)
                left.remove(outcome.object)
                self._recovered()
                self._note_attempt(delivery.job, outcome)
                if self._stop.is_set():
                    return
            self._tally.add("seconds", time.monotonic() - begun, stage="send")
        except (UnreachableError, RefusedError) as error:
            self._failed(error)
            for number in left:
                # It is the destination that waits, so that the order of what it is to have stays.
                self._note(delivery.job, Outcome(number, False, str(error)), 0.0)
            heals = isinstance(error, UnreachableError)
            self._rest(self._pause(self._failures) if heals else self._rule.retry_max_s)
        except BrokenOffError as error:
            self._failed(error)
            self._put_off(delivery.job, left, str(error))
            # The object may be at fault, and is not to hold up other jobs; where the next fails, too, it is not.
            if self._broke_off_at not in (None, delivery.job):
                self._rest(self._pause(self._failures))
            self._broke_off_at = delivery.job
        except sqlite3.Error:
            raise
        except Exception as error:
            # What can never be sent, as a file that is gone, is to be given up, and is not to hold up the others.
            if left:
                self._put_off(delivery.job, left, f"failed with {reason(error)}")
            raise

    def _note_attempt(self, job: int, outcome: Outcome) -> float:
        """Write down what became of an object, say it where it is new, and return the seconds until the next try."""
        before = deliveries.attempts(self._journal, self.name, outcome.object)
        if outcome.taken:
            self._refused.pop(outcome.object, None)
        elif before.number:
            self._refused[outcome.object] = f"lacks an object of job {job}: {outcome.said}"
        if outcome.said not in ("", before.said):
            logger.warning("job %d: %s: %s", job, self.name, outcome.said)
        again = self._pause(before.number + 1)
        self._note(job, outcome, again)
        return again

    def _put_off(self, job: int, left: Sequence[int], said: str) -> None:
        """Let a job wait whose next object has failed; the others of it are offered first then."""
        again = self._note_attempt(job, Outcome(left[0], False, said))
        deliveries.put_off(self._journal, self.name, left[1:], again)

    def _rest(self, seconds: float) -> None:
        """Wait; a command of a person, which writes the journal from another process, ends it."""
        end, seen = time.monotonic() + seconds, self._journal.version_of_others()
        while time.monotonic() < end and self._journal.version_of_others() == seen:
            if self._stop.wait(min(_PAUSE, max(0.0, end - time.monotonic()))):
                return

    def _note(self, job: int, outcome: Outcome, again: float) -> None:
        state = deliveries.note(self._journal, self.name, outcome, again, self._give_up(), self._destination.commitment)
        self._tally.add("sent" if outcome.taken else "not_sent", destination=self.name)
        if state not in PENDING:
            self._refused.pop(outcome.object, None)
            self._close(job)

    def _give_up(self) -> float:
        """Return for how many seconds an answer is tried: for ever, until the node has run for as long.

        That is by a clock that nobody sets; the other may be set days ahead after a start.
        """
        seconds = self._rule.give_up_h * _HOUR
        return seconds if time.monotonic() - self._begun > seconds else math.inf

    def _close(self, job: int) -> None:
        """Note that a job may be done."""
        state = jobs.close(self._journal, job)
        if state is not JobState.INFERRED:
            logger.info("job %d is %s", job, state)
        if state is JobState.ASIDE:
            show_set_aside(self._spool, self._journal)

    def _recovered(self) -> None:
        if self._failure:
            logger.info("%s answers again", self.name)
        self._failure, self._failures, self._broke_off_at = "", 0, None

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        if str(error) != self._failure:
            logger.warning("%s %s", self.name, error)
        self._failure = str(error)

    def _pause(self, failures: int) -> float:
        """Return for how many seconds to wait after so many failures."""
        pause = min(self._rule.retry_s * 2 ** (failures - 1), self._rule.retry_max_s)
        return pause * random.uniform(1 - _JITTER, 1 + _JITTER)
