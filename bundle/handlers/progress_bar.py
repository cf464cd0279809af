"""The progress of an engine, shown by one process of a job."""

from typing import Any

import ignite.distributed as idist
import ignite.handlers
from ignite.engine import Engine

from bundle.progress import progress


class ProgressBar(ignite.handlers.ProgressBar):
    """Ignite's `ProgressBar`, which of a job's processes rank 0 alone shows, and as lines where there is no terminal.

    Args:
        tqdm_kwargs: as ignite's, above all ``desc``.
    """

    def __init__(self, **tqdm_kwargs: Any) -> None:
        super().__init__(**tqdm_kwargs)
        self.pbar_cls = progress

    def attach(self, engine: Engine, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Attach to the engine."""
        if idist.get_rank() == 0:
            super().attach(engine, *args, **kwargs)
