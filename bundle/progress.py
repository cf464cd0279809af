"""How far long work has come: a bar on a terminal, and whole lines in a log file."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from tqdm import tqdm

_PAUSE = 10.0
"""Seconds from one line to the next, at least: work that takes less needs no line on its way."""
_STEP = 0.1
"""Part of the work from one line to the next …"""
_LONGEST = 300.0
"""… unless that takes longer than so many seconds."""
_LINE = "{desc}: {percentage:.0f}% ({n_fmt} of {total_fmt}), {elapsed} gone, {remaining} left"
_WITHOUT_TOTAL = "{desc}: {n_fmt} {unit}s, {elapsed} gone"
_hidden: ContextVar[bool] = ContextVar("hidden", default=False)
_LAST = "{desc}: 100% ({n_fmt} of {total_fmt}), {elapsed}"


def progress(*arguments: Any, **options: Any) -> tqdm:
    """Return a `tqdm.tqdm`; where the standard error is no terminal, one that writes whole lines.

    A line is written now and then, and a last one where a bar would stay on the terminal.

    Args:
        arguments: of tqdm.
        options: of tqdm.
    """
    if _hidden.get():
        options["disable"] = True
    return (tqdm if sys.stderr.isatty() else _Lines)(*arguments, **options)


@contextmanager
def without_progress() -> Iterator[None]:
    """Show no progress of what is done within, as in a server."""
    token = _hidden.set(True)
    try:
        yield
    finally:
        _hidden.reset(token)


class _Lines(tqdm):
    """A bar that writes lines, by what tqdm's own bars in windows override."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._written = time.monotonic(), options.get("initial", 0)
        super().__init__(*arguments, gui=True, **options)

    def display(self, *_: Any, **__: Any) -> None:
        """Write a line, if it is time for one."""
        now, (then, done) = time.monotonic(), self._written
        enough = not self.total or self.n - done >= _STEP * self.total
        if now - then >= (_PAUSE if enough else _LONGEST):
            self._written = now, self.n
            self._write(_LINE if self.total else _WITHOUT_TOTAL)

    def clear(self, *_: Any, **__: Any) -> None:
        """Leave the lines."""

    def close(self) -> None:
        """Write the last line, of work that is done and whose bar would stay."""
        done = not getattr(self, "disable", True) and self.total and self.n >= self.total
        if done and self.leave and self._time() >= self.start_t + self.delay:
            self._write(_LAST)
        super().close()

    def _write(self, layout: str) -> None:
        # The mean rate, for lines are far between.
        values = {**self.format_dict, "prefix": self.desc.removesuffix(": "), "rate": None, "bar_format": layout}
        self.fp.write(f"{self.format_meter(**values)}\n")
        self.fp.flush()
