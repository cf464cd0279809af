"""A progress bar for one process of a job."""

from typing import Any

import ignite.distributed as idist
import ignite.handlers
from ignite.engine import Engine


class ProgressBar(ignite.handlers.ProgressBar):
    """Ignite's `ProgressBar`, which of a job's processes rank 0 alone shows."""

    def attach(self, engine: Engine, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Attach to the engine."""
        if idist.get_rank() == 0:
            super().attach(engine, *args, **kwargs)
