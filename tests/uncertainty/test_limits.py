import math
from dataclasses import replace

import numpy as np
import pytest

from bundle.labels import UNKNOWN
from bundle.predictions import Predictions
from bundle.uncertainty import conformal_quantile, fit_limits


@pytest.fixture
def slices():
    generator = np.random.default_rng(0)
    bleeds = np.repeat(generator.random(40) < 0.5, 3)
    p_any = np.clip(generator.normal(0.3 + 0.4 * bleeds, 0.15), 0, 1)
    labels = np.where(bleeds[:, None], [0, 1, 0, 0, 0, 1], 0)
    return Predictions(
        "binary",
        np.column_stack([1 - p_any, p_any]),
        labels,
        details={"study": tuple(f"{k // 3}" for k in range(120))},
        distances=generator.random(120),
    )


def test_each_limit_is_its_own_quantile(slices):
    p_any, truth = slices.probabilities[:, 1], slices.labels[:, 5]
    found = fit_limits(slices, 0.9)
    assert found.normal == conformal_quantile(p_any[truth == 0], 0.9)
    assert found.hemorrhage == conformal_quantile(1 - p_any[truth == 1], 0.9)
    assert found.distance == conformal_quantile(slices.distances, 0.9)
    assert math.isnan(found.classes)


def test_labels_of_studies_say_nothing_of_slices(slices):
    nothing = np.full(slices.labels.shape, UNKNOWN)
    found = fit_limits(replace(slices, labels=nothing, study_labels=slices.labels, distances=None), 0.9)
    assert math.isinf(found.normal) and math.isinf(found.hemorrhage), "nothing is known of any slice"
    assert math.isnan(found.distance)
