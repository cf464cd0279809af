import math
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import torch
from ignite.engine import Events
from monai.data import DataLoader, Dataset
from monai.engines import SupervisedEvaluator, SupervisedTrainer
from monai.handlers import LrScheduleHandler, ValidationHandler
from monai.transforms import RandGaussianNoised
from torch import nn

from bundle.engines import CosineAnnealing
from bundle.errors import InputError
from bundle.handlers import BestModel, CheckpointLoader, EarlyStop, EpochSeed, History, TrainingState
from bundle.networks import for_task

ROOT = Path(__file__).parents[2]


class Training:
    """A training of a few seconds with everything random in it: shuffling, augmentation, dropout."""

    def __init__(
        self, folder: Path, epochs: int, resume: bool = False, seed: int = 3, patience: int = 100, batch_size: int = 4,
        learning_rate: float = 0.01, weight_decay: float = 0.0,
    ):  # fmt: skip
        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(0)
        rows = [
            {"image": torch.rand(4, generator=generator), "label": torch.rand(1, generator=generator)}
            for _ in range(12)
        ]
        self.network = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.3), nn.Linear(8, 1))
        optimizer = torch.optim.Adam(self.network.parameters(), learning_rate, weight_decay=weight_decay)
        schedule = CosineAnnealing(optimizer, T_max=6)
        dataset = Dataset(rows, RandGaussianNoised("image", prob=1, std=0.5))
        shuffle = torch.Generator()
        self.validation_losses = []
        evaluator = SupervisedEvaluator(
            "cpu", DataLoader(Dataset(rows), batch_size=12), self.network, amp=False, decollate=False
        )

        @evaluator.on(Events.EPOCH_COMPLETED)
        def _(engine):
            loss = (engine.state.output["pred"] - engine.state.output["label"]).square().mean().item()
            engine.state.metrics["loss"] = loss
            self.validation_losses.append(loss)

        self.best = BestModel(folder / "model.pt", self.network)
        self.best.attach(evaluator)
        self.early_stop = EarlyStop(patience, evaluator)
        self.state = TrainingState(folder / "last.pt", evaluator, schedule, resume)
        self.trainer = SupervisedTrainer(
            "cpu",
            epochs,
            DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=shuffle),
            self.network,
            optimizer,
            nn.MSELoss(),
            train_handlers=[
                EpochSeed(seed),
                ValidationHandler(1, evaluator),
                LrScheduleHandler(schedule, print_lr=False),
                self.early_stop,
                self.state,
            ],
            decollate=False,
        )


def test_a_resumed_training_equals_an_uninterrupted_one(tmp_path):
    whole = Training(tmp_path / "whole", epochs=6)
    whole.trainer.run()
    Training(tmp_path / "cut", epochs=3).trainer.run()
    resumed = Training(tmp_path / "cut", epochs=6, resume=True, seed=3)
    resumed.trainer.run()
    assert resumed.validation_losses == whole.validation_losses[3:]
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[name]), name
    assert resumed.best.best_score == whole.best.best_score
    assert resumed.early_stop.counter == whole.early_stop.counter
    assert resumed.early_stop.best_score == whole.early_stop.best_score


def test_another_batch_size_goes_on_with_whole_epochs(tmp_path):
    Training(tmp_path, epochs=2).trainer.run()
    resumed = Training(tmp_path, epochs=4, resume=True, batch_size=2)
    resumed.trainer.run()
    state = resumed.trainer.state
    assert (state.epoch, state.epoch_length, state.iteration) == (4, 6, 24)
    assert len(resumed.validation_losses) == 2


def test_another_learning_rate_and_weight_decay_are_those_of_the_epochs_that_follow(tmp_path, caplog):
    Training(tmp_path, epochs=3).trainer.run()
    resumed = Training(tmp_path, epochs=4, resume=True, learning_rate=0.002, weight_decay=0.5)
    with caplog.at_level("INFO"):
        resumed.trainer.run()
    (group,) = resumed.trainer.optimizer.param_groups
    assert group["weight_decay"] == 0.5 and "weight_decay is 0.5 from here on, not 0.0" in caplog.text
    assert group["lr"] == pytest.approx(0.001 * (1 + math.cos(math.pi * 4 / 6)))


def test_another_seed_trains_otherwise(tmp_path):
    losses = []
    for seed in (3, 4):
        training = Training(tmp_path / str(seed), epochs=1, seed=seed)
        training.trainer.run()
        losses.append(training.validation_losses)
    assert losses[0] != losses[1]


def test_early_stop_stops_and_the_best_model_stays(tmp_path):
    training = Training(tmp_path, epochs=50, patience=2)
    training.trainer.run()
    losses = training.validation_losses
    assert len(losses) < 50
    assert min(losses) not in losses[-2:]
    best = Training(tmp_path, epochs=1)
    best.network.load_state_dict(torch.load(tmp_path / "model.pt", weights_only=True))
    assert training.best.best_score == pytest.approx(-min(losses))
    assert not torch.equal(best.network[0].weight, training.network[0].weight)


def test_a_training_that_was_stopped_early_is_not_trained_on_by_resuming(tmp_path):
    stopped = Training(tmp_path, epochs=50, patience=2)
    stopped.trainer.run()
    kept = (tmp_path / "model.pt").read_bytes()
    for _ in range(2):
        resumed = Training(tmp_path, epochs=50, patience=2, resume=True)
        resumed.trainer.run()
        assert resumed.validation_losses == [] and resumed.trainer.state.epoch == stopped.trainer.state.epoch
    assert (tmp_path / "model.pt").read_bytes() == kept
    patient = Training(tmp_path, epochs=50, patience=4, resume=True)
    patient.trainer.run()
    assert len(patient.validation_losses) >= 2


def test_killed_while_it_writes_it_leaves_the_checkpoint_before(tmp_path):
    program = textwrap.dedent(
        f"""
        import os, signal, sys
        sys.path.insert(0, {str(ROOT)!r})
        from pathlib import Path
        import torch
        from tests.handlers.test_checkpoint import Training
        training = Training(Path({str(tmp_path)!r}), epochs=4)
        save = torch.save
        written = 0
        def half_then_die(content, file, **kwargs):
            global written
            written += "trainer" in content
            if written == 3:
                file.write(b"half a checkpoint")
                file.flush()
                os.kill(os.getpid(), signal.SIGKILL)
            save(content, file, **kwargs)
        torch.save = half_then_die
        training.trainer.run()
        """
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    resumed = Training(tmp_path, epochs=4, resume=True)
    resumed.trainer.run()
    whole = Training(tmp_path / "whole", epochs=4)
    whole.trainer.run()
    assert resumed.validation_losses == whole.validation_losses[2:]


def test_resuming_before_the_first_checkpoint_says_so_and_starts(tmp_path, caplog):
    training = Training(tmp_path, epochs=1, resume=True)
    training.trainer.run()
    assert "starts with the first epoch" in caplog.text
    assert len(training.validation_losses) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "does not exist"),
        (b"half a checkpoint", "is not a whole PyTorch checkpoint"),
        ({"network": nn.Linear(2, 2).state_dict()}, "does not fit this configuration"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_one_sentence(tmp_path, content, words):
    path = tmp_path / "last.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        torch.save(content, path)
    training = Training(tmp_path / "other", epochs=1)
    CheckpointLoader(str(path), {"network": training.network}).attach(training.trainer)
    with pytest.raises(InputError, match=words) as caught:
        training.trainer.run()
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["plain", "parallel", "compiled", "nested", "of a training", "before 1.6", "half"])
def test_a_checkpoint_is_known_by_its_content(tmp_path, kind):
    path, training = tmp_path / "last.pt", Training(tmp_path / "first", epochs=1)
    state = training.network.state_dict()
    content = {
        "parallel": {f"module.{name}": value for name, value in state.items()},
        "compiled": {f"module._orig_mod.{name}": value for name, value in state.items()},
        "nested": {"state_dict": state, "epoch": 3},
        "of a training": {"network": state, "trainer": {"iteration": 3}},
        "half": {name: value.half() if value.is_floating_point() else value for name, value in state.items()},
    }.get(kind, state)
    torch.save(content, path, _use_new_zipfile_serialization=kind != "before 1.6")
    other = Training(tmp_path / "other", epochs=1, seed=4)
    CheckpointLoader(str(path), {"network": other.network})(other.trainer)
    for name, value in state.items():
        torch.testing.assert_close(other.network.state_dict()[name], value, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda state: {**state, "3.weight": torch.zeros(2, 8)}, "3.weight is 2 × 8, where 1 × 8 is wanted"),
        (lambda state: {**state, "0.bias": state["0.bias"] * torch.nan}, r"not numbers \(0.bias and 0 others\)"),
        (lambda state: {**state, "4.bias": torch.zeros(1)}, "it lacks 0, and it has 1 others"),
    ],
)
def test_what_is_wrong_with_it_is_said(tmp_path, change, words):
    path, training = tmp_path / "model.pt", Training(tmp_path / "other", epochs=1)
    before = {name: value.clone() for name, value in training.network.state_dict().items()}
    torch.save(change(training.network.state_dict()), path)
    with pytest.raises(InputError, match=words):
        CheckpointLoader(str(path), {"network": training.network})(training.trainer)
    assert all(torch.equal(value, before[name]) for name, value in training.network.state_dict().items())


def test_no_code_of_a_checkpoint_is_run(tmp_path):
    path, training = tmp_path / "model.pt", Training(tmp_path / "other", epochs=1)
    torch.save({"network": Payload(str(tmp_path / "made"))}, path)
    with pytest.raises(InputError, match="no PyTorch checkpoint of tensors and plain values alone"):
        CheckpointLoader(str(path), {"network": training.network})(training.trainer)
    assert not (tmp_path / "made").exists()


class Payload:
    """An object that makes a folder when it is unpickled."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (self.folder,)


def test_a_training_does_not_go_on_beyond_its_end(tmp_path):
    Training(tmp_path, epochs=3).trainer.run()
    with pytest.raises(InputError, match=r"last\.pt is of 3 epochs, more than the max_epochs 2; give a larger"):
        Training(tmp_path, epochs=2, resume=True).trainer.run()


def test_a_training_of_another_task_does_not_go_on(tmp_path):
    for task, resume in (("subtype", False), ("subtype", True)):
        training = Training(tmp_path, epochs=1 + resume, resume=resume)
        for_task(training.network, task)
        training.trainer.run()
    other = Training(tmp_path, epochs=3, resume=True)
    for_task(other.network, "multilabel")
    with pytest.raises(InputError, match=r"is of a training with another configuration; use the network, task and"):
        other.trainer.run()


def test_weights_are_no_state_to_go_on_from(tmp_path):
    Training(tmp_path, epochs=1).trainer.run()
    (tmp_path / "model.pt").replace(tmp_path / "last.pt")
    with pytest.raises(InputError, match="no state from which a training goes on"):
        Training(tmp_path, epochs=2, resume=True).trainer.run()


def test_an_unwritable_folder_is_told_before_the_first_epoch(tmp_path):
    (tmp_path / "file").write_text("")
    training = Training(tmp_path / "file" / "below", epochs=1)
    with pytest.raises(InputError, match="cannot be written to"):
        training.trainer.run()
    assert training.validation_losses == []


def test_another_training_is_not_overwritten(tmp_path):
    Training(tmp_path, epochs=1).trainer.run()
    before = (tmp_path / "last.pt").read_bytes()
    with pytest.raises(InputError, match=r"last\.pt is of an earlier training.*go on with it by --resume true"):
        Training(tmp_path, epochs=1).trainer.run()
    assert (tmp_path / "last.pt").read_bytes() == before


@pytest.mark.parametrize("resume", [False, True])
def test_the_best_model_of_another_training_is_not_overwritten_where_its_state_was_removed(tmp_path, resume):
    Training(tmp_path, epochs=1).trainer.run()
    (tmp_path / "last.pt").unlink()
    before = (tmp_path / "model.pt").read_bytes()
    with pytest.raises(InputError, match=r"model\.pt is of an earlier training.*give another --output_dir"):
        Training(tmp_path, epochs=1, resume=resume).trainer.run()
    assert (tmp_path / "model.pt").read_bytes() == before


@pytest.mark.parametrize("left", ["model.pt", "history.csv"])
def test_resuming_without_a_state_overwrites_nothing_of_an_earlier_training(tmp_path, left):
    (tmp_path / left).write_text("earlier")
    training = Training(tmp_path, epochs=1, resume=True)
    History(tmp_path / "history.csv", training.state.evaluator).attach(training.trainer)
    with pytest.raises(InputError, match=rf"{left} is of an earlier training.*no last\.pt to go on from"):
        training.trainer.run()
    assert (tmp_path / left).read_text() == "earlier"


@pytest.mark.parametrize("epoch", [1, 2])
def test_ctrl_c_says_how_to_go_on_once_there_is_a_checkpoint(tmp_path, epoch):
    training = Training(tmp_path, epochs=3)

    @training.trainer.on(Events.ITERATION_COMPLETED)
    def _(engine):
        if engine.state.epoch == epoch:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as interrupted:
        training.trainer.run()
    said = [f"the same command with --resume true goes on from {tmp_path / 'last.pt'}"] if epoch > 1 else []
    assert getattr(interrupted.value, "__notes__", []) == said
