"""The course of a training: a line an epoch on the screen, and a table on disk."""

import json
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import numpy as np
import torch
from ignite.engine import Engine, Events
from monai.engines import SupervisedTrainer

from bundle.files import writable_folder
from bundle.handlers.announced import announce
from bundle.parallel.hardware import describe_device
from bundle.predictions import read_history, write_history

logger = logging.getLogger(__name__)


class History:
    """Log, at the end of each epoch, loss, learning rate, speed, the validation metrics and the time left.

    Attach it to the trainer after the validation handler. The table has a row an epoch; a resumed training goes on
    below the rows of the epochs before. Beside it, training.json tells on what it is computed. The metrics are empty in
    an epoch without validation. Of a job's processes, rank 0 alone writes and logs.

    Args:
        path: the CSV file.
        evaluator: the validation engine, whose metrics are written as ``val_<name>``.
    """

    def __init__(self, path: Path | str, evaluator: Engine) -> None:
        self.path = Path(path)
        self.evaluator = evaluator
        self.rows: list[dict[str, Any]] = []
        self._losses: list[torch.Tensor] = []

    def attach(self, engine: SupervisedTrainer) -> None:
        """Attach to the trainer."""
        announce(engine, "history", self)
        if idist.get_rank() > 0:
            return
        engine.add_event_handler(Events.STARTED, self._start)
        engine.add_event_handler(Events.EPOCH_STARTED, self._start_epoch)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self)

    def _start(self, engine: SupervisedTrainer) -> None:
        writable_folder(self.path.parent)
        computed_on = {"device": describe_device(engine.state.device), "processes": idist.get_world_size()}
        self.path.with_name("training.json").write_text(json.dumps(computed_on) + "\n", encoding="utf-8")

    def _start_epoch(self, engine: SupervisedTrainer) -> None:
        self._losses, self._images = [], 0
        self._learning_rate = engine.optimizer.param_groups[0]["lr"]
        self._began = time.perf_counter()

    def _collect(self, engine: SupervisedTrainer) -> None:
        # Not yet a number, for which a GPU would have to be waited for in each iteration.
        self._losses.append(engine.state.output["loss"].detach())
        self._images += len(engine.state.output["label"])

    def __call__(self, engine: SupervisedTrainer) -> None:
        """Write the epoch's row and line."""
        state = engine.state
        seconds = state.times[Events.EPOCH_COMPLETED.name] or time.perf_counter() - self._began
        validated = self.evaluator.state.epoch == state.epoch
        metrics: Mapping[str, Any] = self.evaluator.state.metrics if validated else {}
        row = {
            "epoch": state.epoch,
            "learning_rate": self._learning_rate,
            "train_loss": float(torch.stack(self._losses).mean()),
            "images_per_second": self._images * idist.get_world_size() / seconds,
            "seconds": time.perf_counter() - self._began,
            **{f"val_{name}": value for name, value in metrics.items() if isinstance(value, float)},
        }
        if not self.rows and state.epoch > 1:
            self.rows = self._earlier_rows(state.epoch)
        self.rows.append(row)
        names = dict.fromkeys(name for each in self.rows for name in each)
        write_history(self.path, {name: np.array([each.get(name, np.nan) for each in self.rows]) for name in names})
        minutes = (time.perf_counter() - self._began) * (state.max_epochs - state.epoch) / 60
        shown = "".join(f"  {name} {row[name]:.3f}" for name in ("val_loss", "val_auc_any", "val_f1") if name in row)
        logger.info(
            "epoch %d/%d  train_loss %.3f%s  %.1f images/s  at most %.0f min left",
            state.epoch, state.max_epochs, row["train_loss"], shown, row["images_per_second"], minutes,
        )  # fmt: skip

    def _earlier_rows(self, epoch: int) -> list[dict[str, Any]]:
        if not self.path.is_file():
            return []
        history = read_history(self.path)
        rows = [dict(zip(history, values, strict=True)) for values in zip(*history.values(), strict=True)]
        return [row for row in rows if row["epoch"] < epoch]
