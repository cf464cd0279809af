"""The datalist of a training, kept beside its history."""

import shutil
from pathlib import Path

import ignite.distributed as idist
from ignite.engine import Engine, Events

from bundle.files import writable_folder, written_whole

KEPT = "training_datalist.json"
"""Name of the copy."""


class KeepDatalist:
    """Copy the datalist when a training starts, by which an evaluation with another one knows what was learned from.

    Attach it to the trainer after `bundle.handlers.TrainingState`, which refuses to go over an earlier training. Of a
    job's processes, rank 0 alone writes.

    Args:
        datalist: the JSON file with which the training is made.
        output_dir: the training's folder; the copy is its ``training_datalist.json``.
    """

    def __init__(self, datalist: Path | str, output_dir: Path | str) -> None:
        self.datalist = Path(datalist)
        self.path = Path(output_dir) / KEPT

    def attach(self, engine: Engine) -> None:
        """Attach to the trainer."""
        if idist.get_rank() == 0:
            engine.add_event_handler(Events.STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Write the copy."""
        writable_folder(self.path.parent)
        if self.datalist.resolve() != self.path.resolve():
            with written_whole(self.path) as part:
                shutil.copyfile(self.datalist, part)
