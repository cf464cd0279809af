import numpy as np
import pytest
import torch
from ignite.engine import Events
from monai.data import DataLoader
from monai.engines import SupervisedEvaluator
from monai.transforms import Activationsd

from bundle.caching import CachedDataset
from bundle.handlers import ValidationPredictions
from bundle.handlers.hemorrhage_metrics import HemorrhageMetrics
from bundle.parallel.sampler import DistributedSequentialSampler
from bundle.predictions import read_predictions


def row(number):
    label = np.array([-1, -1, -1, -1, -1, number % 2], np.float32)
    return {"image": torch.full((2,), float(number)), "label": label, "patient": f"P{number}"}


def evaluator(rows, metric):
    dataset = CachedDataset(rows, lambda row: {"image": row["image"].numpy()}, cache="none")
    return SupervisedEvaluator(
        device=torch.device("cpu"),
        val_data_loader=DataLoader(dataset, batch_size=2, sampler=DistributedSequentialSampler(dataset)),
        network=torch.nn.Identity(),
        postprocessing=Activationsd("pred", softmax=True),
        key_val_metric={metric: HemorrhageMetrics("binary", rows=rows)},
    )


@pytest.mark.parametrize("count", [0, 3])
def test_the_validation_is_scored_before_the_test(tmp_path, count):
    """Nothing of an earlier evaluation is left, where the split has no slices either."""
    rows = [row(number) for number in range(count)]
    (tmp_path / "validation.csv").write_text("of another model")
    test = evaluator([row(number) for number in range(5)], "log_loss")
    ValidationPredictions(evaluator(rows, "log_loss"), tmp_path).attach(test)
    test.add_event_handler(Events.ITERATION_STARTED, lambda _: seen.append((tmp_path / "validation.csv").exists()))
    seen = []
    test.run()
    assert seen == [count > 0] * 3
    if count:
        found = read_predictions(tmp_path / "validation.csv")
        assert found.patients == ("P0", "P1", "P2")
        np.testing.assert_array_equal(found.labels[:, 5], [0, 1, 0])
        assert found.probabilities == pytest.approx(0.5)
