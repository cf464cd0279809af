"""Checkpoints: written atomically, and restored."""

import logging
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import monai.handlers
import torch
from ignite.engine import Engine, Events
from ignite.handlers import Checkpoint, DiskSaver
from monai.engines import SupervisedTrainer

from bundle.errors import InputError
from bundle.files import writable_folder
from bundle.files.weights import read_checkpoint, read_weights
from bundle.handlers.announced import announce, announced
from bundle.handlers.kept_settings import kept_settings
from bundle.networks import load_state

logger = logging.getLogger(__name__)

_LOADED = ("params", "lr", "initial_lr")
"""What an optimizer takes from a checkpoint, and its schedule after it; all other settings are the run's own."""


class CheckpointLoader(monai.handlers.CheckpointLoader):
    """MONAI's `CheckpointLoader`, which knows a checkpoint by its content, and says in a sentence why one does not fit.

    A network alone is loaded from whatever `bundle.files.weights.read_weights` reads, and by the rules of
    `bundle.networks.load_state`; several objects, as those of a training that goes on, from the file that was saved of
    them.

    Raises:
        InputError: when the run starts and the file is missing, broken or of another network; when a training that goes
            on has more epochs behind it than it is to have.
    """

    def attach(self, engine: Engine) -> None:
        """Attach to the engine, where other handlers find it and its ``load_path``."""
        super().attach(engine)
        announce(engine, "checkpoint", self)

    def __call__(self, engine: Engine) -> None:
        """Load the checkpoint into the objects."""
        if self.load_dict.keys() == {"network"}:
            load_state(self.load_dict["network"], read_weights(self.load_path), self.load_path)
            self.logger.info("Restored the network from %s", self.load_path)
            return
        self.load(engine, read_checkpoint(self.load_path, self.map_location))

    def load(self, engine: Engine, content: Any) -> None:
        """Load what was read of the checkpoint into the objects of a training that goes on."""
        if not isinstance(content, Mapping) or not content.keys() >= self.load_dict.keys():
            raise InputError(
                "is no state from which a training goes on",
                "give the last.pt of one, or start anew from these weights with --pretrained",
                self.load_path,
            )
        max_epochs, trainer = engine.state.max_epochs, content.get("trainer", {})
        done = trainer.get("iteration", 0) // max(trainer.get("epoch_length") or 1, 1)
        if "trainer" in self.load_dict and max_epochs is not None and done > max_epochs:
            raise InputError(
                f"is of {done} epochs, more than the max_epochs {max_epochs}",
                "give a larger --max_epochs, or train anew without --resume",
                self.load_path,
            )
        try:
            Checkpoint.load_objects(self.load_dict, content, strict=self.strict)
        except (RuntimeError, KeyError, ValueError) as error:
            raise InputError(
                "is of a training with another configuration",
                "use the network, task and optimizer with which it began, or train anew without --resume",
                self.load_path,
            ) from error
        engine.state.max_epochs = max_epochs  # the run's own, not that of the checkpoint
        self.logger.info("Restored all variables from %s", self.load_path)


class TrainingState:
    """Save all that a training needs to go on at the end of each epoch, and go on from there when asked.

    That is the trainer with its network and optimizer, the schedule, and of the handlers that are announced on trainer
    and evaluator those with a state: `EarlyStop` and `BestModel`. The file is written beside the old one and renamed
    over it, so that a kill at any moment leaves a whole checkpoint; Ctrl-C says how to go on from it. Of a job's
    processes, rank 0 writes and all read.

    Args:
        path: the checkpoint file, overwritten each epoch.
        evaluator: the validation engine.
        lr_scheduler: the learning rate's schedule.
        resume: whether to load the file when the training starts; a training that was killed before its first epoch
            ended has none yet, nor a best model or a history, and starts anew. The batch size, the number of processes
            and the settings of the optimizer, as ``weight_decay``, may have changed since: they are the run's own.
            What `kept_settings` names of the config must not.

    Raises:
        InputError: when the training starts and there is a file of an earlier one that it is not to resume, or its best
            model, or nothing to resume from but a best model or a history; the folder cannot be written, the checkpoint
            to resume from is broken, of another network or of other settings, or some of a job's processes see it and
            some do not.
    """

    def __init__(
        self,
        path: Path | str,
        evaluator: Engine,
        lr_scheduler: torch.optim.lr_scheduler.LRScheduler,
        resume: bool = False,
    ) -> None:
        self.path = Path(path)
        self.evaluator = evaluator
        self.lr_scheduler = lr_scheduler
        self.resume = resume
        self.settings = kept_settings()
        self._begun = False

    def attach(self, engine: SupervisedTrainer) -> None:
        """Attach to the trainer."""
        if idist.get_rank() == 0:
            engine.add_event_handler(Events.STARTED, lambda _: writable_folder(self.path.parent))
            engine.add_event_handler(Events.EPOCH_COMPLETED, self)
        engine.add_event_handler(Events.EXCEPTION_RAISED, self._note_how_to_go_on)
        if self.resume:
            engine.add_event_handler(Events.STARTED, self._go_on)
        else:
            engine.add_event_handler(Events.STARTED, self._spare_another)

    def __call__(self, engine: SupervisedTrainer) -> None:
        """Write the checkpoint."""
        saver = DiskSaver(str(self.path.parent), require_empty=False)
        objects = {**self._objects(engine), "settings": _Settings(self.settings)}
        Checkpoint(objects, saver, filename_pattern=self.path.name)(engine)

    def _objects(self, engine: SupervisedTrainer) -> dict[str, Any]:
        handlers = {**announced(engine), **announced(self.evaluator)}
        return {
            "network": engine.network,
            "optimizer": engine.optimizer,
            "lr_scheduler": self.lr_scheduler,
            **{name: handler for name, handler in handlers.items() if hasattr(handler, "state_dict")},
            "trainer": engine,
        }

    def _spare_another(self, engine: SupervisedTrainer) -> None:
        best = announced(self.evaluator).get("best_model")
        files = {self.path: "go on with it by --resume true, give another --output_dir, or remove it"}
        if best is not None:
            files[best.path] = "give another --output_dir and --ckpt_dir, or remove it"
        for path, remedy in files.items():
            # A federated client starts one training again in each round.
            if not self._begun and path.exists():
                raise InputError("is of an earlier training, which this one would overwrite", remedy, path)
        self._begun = True

    def _refuse_other_settings(self, content: Any) -> None:
        # One that was written before 0.5.4 knows none.
        before = content.get("settings", {}) if isinstance(content, Mapping) else {}
        for name in (each for each in self.settings if each in before):
            if before[name] != self.settings[name]:
                raise InputError(
                    f"is of a training with the {name} {before[name]}, and this one has {self.settings[name]}",
                    "go on with those of its beginning, or train anew in another --output_dir",
                    self.path,
                )

    def _left_by_another(self, engine: SupervisedTrainer) -> list[Path]:
        """Return the files of a training that are there, but for its state."""
        best, history = announced(self.evaluator).get("best_model"), announced(engine).get("history")
        return [each.path for each in (best, history) if each is not None and each.path.exists()]

    def _note_how_to_go_on(self, engine: SupervisedTrainer, error: BaseException) -> None:
        if isinstance(error, KeyboardInterrupt) and self.path.exists():
            error.add_note(f"the same command with --resume true goes on from {self.path}")
        raise error  # as an engine does without such a handler

    def _go_on(self, engine: SupervisedTrainer) -> None:
        found = idist.all_reduce(int(self.path.exists()))
        if 0 < found < idist.get_world_size():
            raise InputError(
                f"is seen by {found} of {idist.get_world_size()} processes",
                "name a ckpt_dir that all machines share",
                self.path,
            )
        if not found:
            for path in self._left_by_another(engine):
                raise InputError(
                    f"is of an earlier training, which this one would overwrite, for there is no {self.path.name} to "
                    "go on from",
                    "give another --output_dir and --ckpt_dir, or remove it",
                    path,
                )
            logger.warning("There is no checkpoint %s yet: training starts with the first epoch.", self.path)
            return
        state, epoch_length = engine.state, engine.state.epoch_length
        content = read_checkpoint(self.path, state.device)
        self._refuse_other_settings(content)
        groups = engine.optimizer.param_groups
        settings = [{name: value for name, value in group.items() if name not in _LOADED} for group in groups]
        CheckpointLoader(str(self.path), self._objects(engine)).load(engine, content)
        for group, own in zip(engine.optimizer.param_groups, settings, strict=True):
            for name, value in own.items():
                if (before := group.get(name)) != value:
                    logger.info("The optimizer's %s is %s from here on, not %s.", name, value, before)
            group.update(own)
        # An epoch had another number of iterations where it had another batch size or number of processes.
        state.iteration, state.epoch_length = state.epoch * epoch_length, epoch_length
        logger.info("Resumed from %s after epoch %d of %d.", self.path, state.epoch, state.max_epochs)
        early_stop = announced(engine).get("early_stop")
        if early_stop is not None and early_stop.counter >= early_stop.patience:
            logger.info("It had been stopped early; a larger patience than %d goes on.", early_stop.patience)
            engine.terminate()


class _Settings:
    """What a checkpoint keeps of the configuration, as an object that Ignite saves."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = dict(settings)

    def state_dict(self) -> dict[str, str]:
        return self.settings


class BestModel:
    """Save the network's state dict whenever a metric of the validation is better than ever before.

    Of a job's processes, all keep the score, which is the negative metric, and rank 0 writes. Other handlers find it on
    the evaluator.

    Args:
        path: the weights file, replaced whole.
        network: the network to save.
        metric: name of the metric in the evaluator's ``state.metrics``, lower is better; one that is missing or not a
            number is never the best.
    """

    def __init__(self, path: Path | str, network: torch.nn.Module, metric: str = "loss") -> None:
        self.path = Path(path)
        self.network = network
        self.metric = metric
        self.best_score = -math.inf
        self.best_epoch = 0

    def attach(self, engine: Engine) -> None:
        """Attach to the evaluator."""
        engine.add_event_handler(Events.COMPLETED, self)
        announce(engine, "best_model", self)

    def __call__(self, engine: Engine) -> None:
        """Save the network when the evaluator's metric is the best so far."""
        score = -engine.state.metrics.get(self.metric, math.nan)
        if not score > self.best_score:
            return
        self.best_score = float(score)
        self.best_epoch = engine.state.epoch
        if idist.get_rank() > 0:
            return
        DiskSaver(str(writable_folder(self.path.parent)), require_empty=False)(
            self.network.state_dict(), self.path.name
        )

    def state_dict(self) -> dict[str, float]:
        """Return the best score so far and the epoch that gave it."""
        return {"best_score": self.best_score, "best_epoch": self.best_epoch}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Go on from the best score of an earlier run."""
        self.best_score = state["best_score"]
        self.best_epoch = int(state["best_epoch"])
