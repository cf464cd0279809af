import numpy as np
import pytest
import torch
from monai.data import DataLoader
from monai.engines import SupervisedEvaluator
from monai.transforms import Activationsd

from bundle.caching import CachedDataset
from bundle.handlers import FeatureDistances, ValidationPredictions
from bundle.handlers.evaluator_predictions import evaluator_predictions
from bundle.handlers.hemorrhage_metrics import HemorrhageMetrics
from bundle.parallel.sampler import DistributedSequentialSampler
from bundle.uncertainty import fit_gaussian, held_out_distances

FEATURES = np.random.default_rng(0).normal(size=(14, 4)).astype(np.float32)


def evaluator(numbers):
    """Return an evaluator of slices whose features are those of these numbers, two slices of each patient."""
    label = np.array([-1] * 5 + [1], np.float32)
    rows = [{"image": f"{k}.png", "patient": f"P{k // 2}", "label": label} for k in numbers]
    dataset = CachedDataset(rows, lambda row: {"image": FEATURES[int(row["image"][:-4])]}, cache="none")
    return SupervisedEvaluator(
        device=torch.device("cpu"),
        val_data_loader=DataLoader(dataset, batch_size=3, sampler=DistributedSequentialSampler(dataset)),
        network=torch.nn.Linear(4, 2),
        postprocessing=Activationsd("pred", softmax=True),
        key_val_metric={"log_loss": HemorrhageMetrics("binary", rows=rows)},
    )


@pytest.mark.parametrize("evaluated", [range(10), range(8, 14)])
def test_a_slice_of_the_validation_is_measured_without_its_patient(tmp_path, evaluated):
    validation, test = evaluator(range(10)), evaluator(evaluated)
    FeatureDistances().attach(validation)
    ValidationPredictions(validation, tmp_path).attach(test)
    FeatureDistances(validation).attach(test)
    test.run()
    known, others = FEATURES[:10], FEATURES[10:]
    held_out = held_out_distances(known, [f"P{k // 2}" for k in range(10)])
    expected = np.append(held_out, fit_gaussian(known).distances(others))[list(evaluated)]
    found = evaluator_predictions(test).distances
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert found[0] != pytest.approx(fit_gaussian(known).distances(FEATURES[list(evaluated)])[0])
