"""What a training leaves in TensorBoard, read back from its event files."""

import csv
import io
import re
from pathlib import Path
from types import SimpleNamespace

import monai.handlers
import numpy as np
import pytest
import torch
from ignite.engine import Events
from ignite.metrics import Loss
from monai.data import DataLoader, Dataset
from monai.engines import SupervisedEvaluator, SupervisedTrainer
from monai.handlers import LrScheduleHandler, TensorBoardStatsHandler, ValidationHandler
from monai.transforms import Activationsd, Compose, CopyItemsd
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData
from torch import nn

from bundle.explain import Explainer
from bundle.handlers import (
    BestModel,
    EpochScalars,
    EpochSeed,
    History,
    TensorBoardRun,
    TrainingImages,
    TrainingState,
    ValidationPictures,
)
from bundle.handlers.epoch_scalars import BEST, LAYOUT, scalar_tag
from bundle.handlers.hemorrhage_metrics import HemorrhageMetrics
from bundle.handlers.summary_writer import RunWriter
from bundle.labels import UNKNOWN
from bundle.losses import HemorrhageLoss
from bundle.metrics import METRIC_NAMES

SIZE = 16


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3)
        self.head = nn.Linear(6, 6)

    def forward(self, images):
        return self.head(torch.relu(self.conv(images)).mean((2, 3)))


def draw_rows(folder: Path) -> list[dict]:
    """Write noise as PNG files, normal and of each subtype in turn, and return their rows."""
    generator = np.random.default_rng(0)
    rows = []
    for index in range(18):
        path = folder / f"{index}.png"
        Image.fromarray(generator.integers(0, 255, (SIZE, SIZE), dtype=np.uint8)).save(path)
        label = np.zeros(6, np.float32)
        if index % 6:
            label[[index % 6 - 1, 5]] = 1
        rows.append({"image": str(path), "label": label})
    return rows


def sample(row: dict) -> dict:
    with Image.open(row["image"]) as image:
        grey = torch.as_tensor(np.array(image), dtype=torch.float32) / 255
    return {
        "image": grey.expand(3, -1, -1).clone(),
        "label": torch.as_tensor(row["label"]),
        "box_start": torch.tensor([0, 0]),
        "box_end": torch.tensor([SIZE, SIZE]),
    }


class Training:
    """A training of a second with the handlers of train.json that have to do with TensorBoard, in their order."""

    def __init__(self, folder: Path, log_dir: Path, epochs: int, resume: bool = False, val_interval: int = 1):
        torch.manual_seed(1)
        folder.mkdir(parents=True, exist_ok=True)
        rows = draw_rows(folder)
        dataset = Dataset(rows, sample)
        network = Network()
        optimizer = torch.optim.Adam(network.parameters(), 0.3)
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
        writer = RunWriter(log_dir)
        best = BestModel(folder / "model.pt", network)
        loss = HemorrhageLoss("subtype")
        evaluator = SupervisedEvaluator(
            "cpu",
            DataLoader(dataset, batch_size=6),
            network,
            postprocessing=Compose([CopyItemsd("pred", names="logits"), Activationsd("pred", softmax=True)]),
            key_val_metric={"loss": Loss(loss, monai.handlers.from_engine(["logits", "label"]))},
            additional_metrics={"hemorrhage": HemorrhageMetrics("subtype", rows=rows)},
            metric_cmp_fn=lambda current, best: current < best,
            val_handlers=[best],
            amp=False,
        )
        self.history = History(folder / "history.csv", evaluator)
        shuffle = torch.Generator()
        self.best_model = best
        self.trainer = SupervisedTrainer(
            "cpu",
            epochs,
            DataLoader(dataset, batch_size=6, shuffle=True, generator=shuffle),
            network,
            optimizer,
            loss,
            train_handlers=[
                EpochSeed(1),
                ValidationHandler(val_interval, evaluator),
                LrScheduleHandler(schedule, print_lr=False),
                self.history,
                TrainingState(folder / "last.pt", evaluator, schedule, resume),
                TensorBoardRun(writer, {"batch_size": 6, "mask": True, "windows": [[40, 80]], "pretrained": None}),
                TrainingImages(writer, interval=2, count=4),
                TensorBoardStatsHandler(
                    writer,
                    tag_name="loss/iteration",
                    iteration_log=1,
                    output_transform=lambda output: output["loss"].item(),
                    epoch_event_writer=EpochScalars(evaluator),
                ),
                ValidationPictures(writer, evaluator, Explainer(network, dataset, rows, "subtype", "conv")),
            ],
            decollate=False,
        )


def read_events(log_dir: Path) -> EventAccumulator:
    events = EventAccumulator(str(log_dir), size_guidance={"images": 0, "scalars": 0})
    events.Reload()
    return events


def points(events: EventAccumulator, tag: str) -> dict[int, float]:
    """Return step → value; a step that is there twice fails."""
    scalars = events.Scalars(tag)
    found = {each.step: each.value for each in scalars}
    assert len(found) == len(scalars), tag
    return found


def read_table(folder: Path) -> list[dict[str, float]]:
    with (folder / "history.csv").open() as file:
        return [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """An uninterrupted training of five epochs of three iterations."""
    folder = tmp_path_factory.mktemp("whole")
    training = Training(folder, folder / "runs" / "a", 5)
    training.trainer.run()
    return SimpleNamespace(
        folder=folder, runs=folder / "runs", events=read_events(folder / "runs" / "a"), training=training
    )


def test_every_column_of_the_table_is_a_curve_by_epoch(whole):
    table = read_table(whole.folder)
    tags = set()
    for column in table[0]:
        if column == "epoch":
            continue
        tags.add(scalar_tag(column))
        expected = {row["epoch"]: pytest.approx(row[column], rel=1e-6) for row in table}
        assert points(whole.events, scalar_tag(column)) == expected
    best = {f"validation_best/{name}" for name in (*BEST, "epoch")}
    assert set(whole.events.Tags()["scalars"]) == tags | best | {"loss/iteration"}


def test_the_names_are_those_of_the_guide(root):
    columns = (
        "train_loss",
        "val_loss",
        "learning_rate",
        "images_per_second",
        "seconds",
        *(f"val_{each}" for each in METRIC_NAMES),
    )
    tags = [scalar_tag(column) for column in columns]
    assert tags[:3] == ["loss/training", "loss/validation", "training/learning_rate"]
    assert tags[3:5] == ["training/images_per_second", "training/seconds"]
    assert {"metrics/auc_any", "metrics/log_loss", "metrics/f1_macro", "subtypes/auc_epidural"} <= set(tags)
    assert len(set(tags)) == len(tags)
    guide = (root / "docs" / "tensorboard.md").read_text()
    for tag in tags:
        group, name = tag.split("/")
        assert f"`{tag}`" in guide or group in ("metrics", "subtypes")
        assert f"`{group}/" in guide, name
    for name in BEST:
        assert f"`{name}`" in guide


def test_the_loss_of_each_iteration(whole):
    losses = points(whole.events, "loss/iteration")
    assert list(losses) == list(range(1, 16))
    epochs = np.reshape(list(losses.values()), (5, 3)).mean(1)
    np.testing.assert_allclose(epochs, [row["train_loss"] for row in read_table(whole.folder)], rtol=1e-5)


def test_the_best_figures_are_those_of_the_model_that_is_kept(whole):
    table = read_table(whole.folder)
    best = min(table, key=lambda row: row["val_loss"])
    assert whole.training.best_model.best_epoch == best["epoch"]
    for name in BEST:
        steps = points(whole.events, f"validation_best/{name}")
        assert max(steps) == best["epoch"]
        assert steps[max(steps)] == pytest.approx(best[f"val_{name}"], rel=1e-6)
    epochs = points(whole.events, "validation_best/epoch")
    assert all(step == value for step, value in epochs.items())


def test_pictures_are_drawn_when_the_model_is_the_best_so_far(whole):
    epochs = list(points(whole.events, "validation_best/epoch"))
    assert len(epochs) < 5, "this training has a worse epoch, too"
    names = ("roc", "precision_recall", "confusion_any", "confusion_classes", "mistakes")
    pictures = {f"validation/{name}": epochs for name in names} | {"training/images": [1, 7, 13]}
    assert {tag: [each.step for each in whole.events.Images(tag)] for tag in whole.events.Tags()["images"]} == pictures
    for tag in pictures:
        with Image.open(io.BytesIO(whole.events.Images(tag)[-1].encoded_image_string)) as picture:
            assert picture.width >= 200
            assert np.ptp(np.asarray(picture)) > 100


def test_every_chart_of_the_layout_finds_its_curves(whole):
    assert "custom_scalars__config__" in whole.events.Tags()["tensors"]
    scalars = whole.events.Tags()["scalars"]
    for category in LAYOUT.values():
        for title, (_, patterns) in category.items():
            found = [tag for tag in scalars if any(re.match(pattern, tag) for pattern in patterns)]
            assert len(found) == len(patterns), title


def hyperparameters(events: EventAccumulator) -> dict[str, HParamsPluginData]:
    return {tag: HParamsPluginData.FromString(data) for tag, data in events.PluginTagToContent("hparams").items()}


def test_hyperparameters_stand_in_the_run_itself(whole):
    assert [path.name for path in whole.runs.iterdir()] == ["a"]
    assert all(path.is_file() for path in (whole.runs / "a").iterdir())
    data = hyperparameters(whole.events)
    start = data["_hparams_/session_start_info"].session_start_info.hparams
    assert start["batch_size"].number_value == 6
    texts = {name: start[name].string_value for name in ("mask", "windows", "pretrained")}
    assert texts == {"mask": "True", "windows": "[[40, 80]]", "pretrained": "None"}
    figures = {each.name.tag for each in data["_hparams_/experiment"].experiment.metric_infos}
    assert figures == {tag for tag in whole.events.Tags()["scalars"] if tag.startswith("validation_best/")}
    assert "_hparams_/session_end_info" in data


def test_a_run_that_was_cut_off_goes_on_in_the_same_curves(whole, tmp_path):
    """It dies within the third epoch, after iterations were written that are done again."""
    cut = Training(tmp_path, tmp_path / "runs" / "a", 5)

    @cut.trainer.on(Events.ITERATION_COMPLETED(once=8))
    def _(engine):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut.trainer.run()
    events = read_events(tmp_path / "runs" / "a")
    assert max(points(events, "loss/iteration")) == 8
    assert "_hparams_/session_end_info" not in hyperparameters(events)
    Training(tmp_path, tmp_path / "runs" / "a", 5, resume=True).trainer.run()
    events = read_events(tmp_path / "runs" / "a")
    for tag in whole.events.Tags()["scalars"]:
        if tag not in ("training/images_per_second", "training/seconds"):
            assert points(events, tag) == points(whole.events, tag), tag
    for tag in whole.events.Tags()["images"]:
        assert [each.step for each in events.Images(tag)] == [each.step for each in whole.events.Images(tag)], tag
    assert "_hparams_/session_end_info" in hyperparameters(events)


def test_two_runs_overlay_and_one_anew_replaces_its_curves(whole, tmp_path):
    for name, epochs in (("a", 2), ("b", 1), ("a", 1)):
        for file in ("last.pt", "model.pt"):
            (tmp_path / name / file).unlink(missing_ok=True)
        Training(tmp_path / name, tmp_path / "runs" / name, epochs).trainer.run()
    a, b = (read_events(tmp_path / "runs" / name) for name in "ab")
    assert a.Tags()["scalars"] == b.Tags()["scalars"]
    for events in (a, b):
        assert list(points(events, "loss/validation")) == [1]
        assert list(points(events, "loss/iteration")) == [1, 2, 3]


def test_an_epoch_without_validation_has_no_figures_of_one(tmp_path):
    Training(tmp_path, tmp_path / "runs", 3, val_interval=2).trainer.run()
    events = read_events(tmp_path / "runs")
    assert list(points(events, "loss/validation")) == [2]
    assert list(points(events, "loss/training")) == [1, 2, 3]
    assert ["val_loss" in row for row in read_table(tmp_path)] == [False, True, False]


def test_the_learning_rate_is_that_of_the_epoch(whole):
    assert [row["learning_rate"] for row in read_table(whole.folder)] == [0.3 / 2**epoch for epoch in range(5)]


TRUTHS = ([0] * 6, [0, 0, 0, 1, 1, 1], [UNKNOWN] * 5 + [1], [UNKNOWN] * 6)


def test_the_first_images_of_an_epoch_are_shown_channel_beside_channel(monkeypatch):
    shown = []
    monkeypatch.setattr(
        "bundle.handlers.training_images.picture_grid",
        lambda pictures, captions, **_: shown.append((pictures, captions)) or pictures[0],
    )
    image = torch.stack([torch.full((4, 5), value) for value in (0.0, 0.5, 1.0)])
    output = {
        "image": image.expand(6, -1, -1, -1),
        "label": torch.tensor([TRUTHS[index] for index in (0, 1, 2, 3, 0, 1)]),
    }
    state = SimpleNamespace(output=output, iteration=1)
    writer = SimpleNamespace(add_image=lambda *_, **__: None, flush=lambda: None)
    TrainingImages(writer, count=4)(SimpleNamespace(state=state))
    ((pictures, captions),) = shown
    assert captions == ["normal", "subarachnoid, subdural", "bleed of unknown subtype", "unknown"]
    assert pictures[0].shape == (4, 15, 3)
    assert [pictures[0][0, column, 0] for column in (0, 5, 10)] == [0, 128, 255]
