"""What a node counts; read as Prometheus metrics, and from nothing that could name a person."""

import threading
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple


class Sample(NamedTuple):
    """A counted value."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


class Tally:
    """Counters since the start, for all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()

    def add(self, name: str, value: float = 1, **labels: str) -> None:
        """Count `value` more of what has a name and labels."""
        with self._lock:
            self._values[name, tuple(sorted(labels.items()))] += value  # type: ignore[assignment]

    def samples(self) -> Iterator[Sample]:
        """Yield what was counted, in order."""
        with self._lock:
            values = sorted(self._values.items())
        yield from (Sample(name, labels, value) for (name, labels), value in values)

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of what has a name, and these among its labels."""
        wanted = set(labels.items())
        return sum(each.value for each in self.samples() if each.name == name and wanted <= set(each.labels))
