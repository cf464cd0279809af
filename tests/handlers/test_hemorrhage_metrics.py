import math
import multiprocessing as mp
import os

import numpy as np
import pytest
import torch
import torch.distributed as dist
from ignite.engine import Engine
from ignite.exceptions import NotComputableError
from ignite.metrics import Loss
from monai.data import DataLoader, Dataset
from monai.engines import SupervisedEvaluator
from monai.handlers import from_engine
from monai.transforms import Activationsd

from bundle.errors import InputError
from bundle.handlers.hemorrhage_metrics import HemorrhageMetrics, HemorrhageScores
from bundle.labels import CLASSES
from bundle.metrics import METRIC_NAMES, classification_metrics

OUTPUT = from_engine(["pred", "label"])


def rows(n=23, positive=True):
    generator = torch.Generator().manual_seed(0)
    subtypes = (torch.rand(n, 5, generator=generator) < 0.3).float() * positive
    labels = torch.cat([subtypes, subtypes.amax(1, keepdim=True)], dim=1)
    return [{"image": torch.randn(6, generator=generator), "label": label} for label in labels]


def evaluator(data, task="subtype", **kwargs):
    return SupervisedEvaluator(
        device=torch.device("cpu"),
        val_data_loader=DataLoader(Dataset(data), batch_size=4),
        network=torch.nn.Linear(6, len(CLASSES[task])),
        postprocessing=Activationsd("pred", softmax=task != "multilabel", sigmoid=task == "multilabel"),
        **kwargs,
    )


@pytest.mark.parametrize("task", CLASSES)
def test_beside_a_key_metric(task):
    data = rows()
    loss = Loss(torch.nn.MSELoss(), output_transform=lambda output: (torch.zeros(1), torch.ones(1)))
    engine = evaluator(
        data,
        task,
        key_val_metric={"loss": loss},
        additional_metrics={"hemorrhage": HemorrhageMetrics(task, OUTPUT)},
    )
    engine.run()
    details = engine.state.metric_details
    labels = torch.stack([row["label"] for row in data])
    torch.testing.assert_close(details["labels"], labels)
    assert details["probabilities"].shape == (len(data), len(CLASSES[task]))
    expected = classification_metrics(details["probabilities"].numpy(), labels.numpy(), task)
    computable = {name: value for name, value in expected.items() if value is not None}
    assert engine.state.metrics == {"loss": 1.0, **computable}
    assert all(type(value) is float for value in engine.state.metrics.values())


def test_as_key_metric():
    engine = evaluator(rows(), key_val_metric={"auc_any": HemorrhageMetrics("subtype", OUTPUT)})
    engine.run(global_epoch=3)
    assert engine.state.best_metric == engine.state.metrics["auc_any"] > 0
    assert engine.state.best_metric_epoch == 3
    assert len(engine.state.metrics) == len(METRIC_NAMES)


def test_key_metric_that_cannot_be_computed_is_nan():
    engine = evaluator(rows(positive=False), key_val_metric={"auc_any": HemorrhageMetrics("subtype", OUTPUT)})
    engine.run()
    assert math.isnan(engine.state.metrics["auc_any"])
    assert "recall" not in engine.state.metrics and "specificity" in engine.state.metrics


@pytest.mark.parametrize("smoothing", [0.0, 4.0])
def test_probabilities_that_are_not_numbers_are_one_sentence(smoothing):
    data = [{**row, "series": "1", "position": float(number)} for number, row in enumerate(rows(8))]
    data[2]["image"] = torch.full((6,), torch.inf)
    metrics = HemorrhageMetrics("subtype", OUTPUT, rows=data, slice_smoothing=smoothing)
    with pytest.raises(InputError, match=r"of 1 of 8 slices are not numbers; .* with a smaller --learning_rate"):
        evaluator(data, key_val_metric={"auc_any": metrics}).run()


def test_key_metric_of_another_name_is_refused():
    with pytest.raises(ValueError, match="got 'dice'"):
        evaluator(rows(), key_val_metric={"dice": HemorrhageMetrics("subtype", OUTPUT)})


def test_each_epoch_begins_anew():
    metric = HemorrhageMetrics("binary", output_transform=lambda output: output)
    engine = Engine(lambda _, batch: batch)
    metric.attach(engine, "hemorrhage")
    scores = torch.tensor([[0.9, 0.1], [0.2, 0.8]])
    engine.run([(scores, torch.tensor([[0.0] * 6, [1.0] * 6]))])
    assert engine.state.metrics["auc_any"] == 1
    engine.run([(scores, torch.zeros(2, 6))])
    assert "auc_any" not in engine.state.metrics and engine.state.metrics["accuracy"] == 0.5
    assert len(engine.state.metric_details["labels"]) == 2


def test_half_precision():
    metric = HemorrhageMetrics("binary")
    metric.update((torch.tensor([[0.3, 0.7], [0.7, 0.3]], dtype=torch.float16), torch.tensor([[1] * 6, [0] * 6])))
    assert metric.compute()["accuracy"] == 1


def test_no_update():
    with pytest.raises(NotComputableError, match="at least one batch"):
        HemorrhageMetrics("subtype").compute()


@pytest.mark.parametrize(
    ("output", "error", "message"),
    [
        ((torch.rand(2, 6),), ValueError, "got 1 items"),
        ((torch.rand(2, 5), torch.zeros(2, 6)), ValueError, r"\[B, 6\], got \(2, 5\)"),
        ((torch.rand(2, 6), torch.zeros(2, 5)), ValueError, r"\[2, 6\], got \(2, 5\)"),
        ((torch.rand(2, 6), torch.zeros(3, 6)), ValueError, "got 3 and 2"),
        (([torch.rand(6)], [torch.zeros(6)] * 2), ValueError, "got 2 and 1"),
        ((torch.ones(2, 6, dtype=torch.int64), torch.zeros(2, 6)), TypeError, "got torch.int64"),
        ((torch.rand(2, 6), np.zeros((2, 6))), TypeError, "got Tensor and NoneType"),
    ],
)
def test_bad_output_is_named(output, error, message):
    with pytest.raises(error, match=message):
        HemorrhageMetrics("subtype").update(output)


def test_unknown_task():
    for kind in (HemorrhageMetrics, HemorrhageScores):
        with pytest.raises(ValueError, match="got 'triage'"):
            kind("triage")


def compute_in_process(rank, folder):
    os.environ["LOCAL_RANK"] = str(rank)
    dist.init_process_group("gloo", init_method=f"file://{folder / 'store'}", rank=rank, world_size=2)
    metric = HemorrhageMetrics("binary")
    scores = torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])
    labels = torch.tensor([[0.0] * 6, [1.0] * 6, [0.0] * 6])
    mine = slice(0, 1) if rank == 0 else slice(1, 3)
    metric.update((scores[mine], labels[mine]))
    (folder / f"{rank}.txt").write_text(str(metric.compute()["accuracy"]))
    dist.destroy_process_group()


@pytest.mark.skipif("fork" not in mp.get_all_start_methods(), reason="the system cannot fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_gathers_over_processes(tmp_path):
    ranks = [mp.get_context("fork").Process(target=compute_in_process, args=(rank, tmp_path)) for rank in (0, 1)]
    for rank in ranks:
        rank.start()
    for rank in ranks:
        rank.join(timeout=60)
        rank.kill()
    assert [float((tmp_path / f"{rank}.txt").read_text()) for rank in (0, 1)] == [pytest.approx(2 / 3)] * 2
