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

from bundle.errors import InputError
from bundle.files import file_sha256, writable_folder, written_whole
from bundle.handlers.announced import announce, announced
from bundle.parallel.hardware import describe_device
from bundle.predictions import TRAINING, read_history, write_history

logger = logging.getLogger(__name__)


class History:
    """Log, at the end of each epoch, loss, learning rate, speed, the validation metrics and the time left.

    Attach it to the trainer after the validation handler. The table has a row an epoch; a resumed training goes on
    below the rows of the epochs before. Beside it, training.json tells on what it is computed, and the SHA-256 of the
    best model, by which an evaluation knows whose training it is. The metrics are empty in an epoch without validation.
    Of a job's processes, rank 0 alone writes and logs.

    Args:
        path: the CSV file.
        evaluator: the validation engine, whose metrics are written as ``val_<name>``.
    """

    def __init__(self, path: Path | str, evaluator: Engine) -> None:
        self.path = Path(path)
        self.evaluator = evaluator
        self.rows: list[dict[str, Any]] = []
        self._losses: list[torch.Tensor] = []
        self._told: dict[str, Any] = {}

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
        self._told = {"device": describe_device(engine.state.device), "processes": idist.get_world_size()}
        earlier = read_training(self.path)
        if self.path.is_file() and "checkpoint" in earlier:
            self._told["checkpoint"] = earlier["checkpoint"]  # of the training that this one goes on with
        self._tell()

    def _tell(self) -> None:
        with written_whole(training_path(self.path)) as part:
            part.write_text(json.dumps(self._told) + "\n", encoding="utf-8")

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
        best = announced(self.evaluator).get("best_model")
        if best is not None and best.best_epoch == state.epoch:
            self._told["checkpoint"] = file_sha256(best.path)
            self._tell()
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


def training_path(history: Path | str) -> Path:
    """Return where a training tells of itself: ``training.json`` beside its ``history.csv``."""
    return Path(history).with_name(TRAINING)


def read_training(history: Path | str) -> dict[str, Any]:
    """Return what the training of a history tells of itself; nothing where it tells nothing.

    Returns:
        ``{"device", "processes", "checkpoint"}``, the last the SHA-256 of its best model once there is one.

    Raises:
        InputError: when the file is no such JSON.
    """
    path = training_path(history)
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise InputError("does not tell of a training", "remove it", path) from error
