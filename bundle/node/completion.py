"""When a study is complete: nothing of it has come for a while over all associations, or it has waited long enough."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from bundle.node.config import Complete


@dataclass
class _Times:
    first: float
    last: float


class Completion:
    """Which studies are being collected, by a clock that nobody sets.

    Args:
        rule: after how long a study is complete.
        clock: seconds, monotonic.
    """

    def __init__(self, rule: Complete, clock: Callable[[], float] = time.monotonic) -> None:
        self._rule = rule
        self._clock = clock
        self._lock = threading.Lock()
        self._studies: dict[int, _Times] = {}
        self._senders: defaultdict[Hashable, set[int]] = defaultdict(set)

    def arrived(self, study: int, sender: Hashable | None = None) -> None:
        """Note that an object of a study has come.

        Args:
            study: number of it.
            sender: open association that sent it, and may send more; None where none is open.
        """
        now = self._clock()
        with self._lock:
            self._studies.setdefault(study, _Times(now, now)).last = now
            if sender is not None:
                self._senders[sender].add(study)

    def arrived_again(self, study: int, sender: Hashable | None = None) -> None:
        """Note that an object has come that is here: no reason to score, but what is being collected may go on."""
        with self._lock:
            collecting = study in self._studies
        if collecting:
            self.arrived(study, sender)

    def collected(self, study: int) -> None:
        """Note that a study is being collected, unless that is known."""
        now = self._clock()
        with self._lock:
            self._studies.setdefault(study, _Times(now, now))

    def closed(self, sender: Hashable) -> None:
        """Note that an association has ended; quiet begins with it, at the earliest."""
        now = self._clock()
        with self._lock:
            for study in self._senders.pop(sender, ()):
                if study in self._studies:
                    self._studies[study].last = now

    def whole(self, study: int) -> None:
        """Note that all is here that its source counts."""
        with self._lock:
            if study in self._studies:
                self._studies[study].first = float("-inf")

    def take_complete(self) -> list[int]:
        """Return the studies that are complete by now, each once."""
        now = self._clock()
        with self._lock:
            sending = set().union(*self._senders.values())
            complete = [
                study
                for study, times in self._studies.items()
                if now - times.first >= self._rule.ceiling_s
                or (study not in sending and now - times.last >= self._rule.quiet_s)
            ]
            for study in complete:
                del self._studies[study]
        return complete
