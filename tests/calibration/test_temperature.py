import numpy as np
import pytest
import torch

from bundle.calibration import RANGE, fit_bias_corrected, fit_temperature, scale_temperature
from bundle.labels import CLASSES, UNKNOWN


def drawn(task, temperature, n=4000):
    """Probabilities, and labels drawn of the network whose logits are divided by `temperature`."""
    generator = np.random.default_rng(0)
    logits = torch.from_numpy(3 * generator.normal(size=(n, len(CLASSES[task]))))
    if task == "multilabel":
        given, true = torch.sigmoid(logits), torch.sigmoid(logits / temperature)
        labels = generator.random((n, 6)) < true.numpy()
        return given.numpy(), labels.astype(float)
    given, true = torch.softmax(logits, 1), torch.softmax(logits / temperature, 1).numpy()
    classes = np.array([generator.choice(len(row), p=row) for row in true])
    if task == "binary":
        return given.numpy(), np.column_stack([np.full((n, 5), UNKNOWN), classes == 1])
    return given.numpy(), np.column_stack([classes[:, None] == np.arange(1, 6), classes > 0]).astype(float)


@pytest.mark.parametrize("task", CLASSES)
@pytest.mark.parametrize("temperature", [0.5, 2.5])
def test_the_temperature_is_found_and_taken_back(task, temperature):
    probabilities, labels = drawn(task, temperature)
    assert fit_temperature(probabilities, labels, task) == pytest.approx(temperature, rel=0.06)
    scaled = scale_temperature(probabilities, task, temperature)
    assert fit_temperature(scaled, labels, task) == pytest.approx(1, abs=0.06)
    np.testing.assert_array_equal(scaled.argmax(1), probabilities.argmax(1))
    np.testing.assert_allclose(scale_temperature(scaled, task, 1 / temperature), probabilities, atol=1e-3)


def test_where_nothing_is_better_it_stays_1():
    labels = np.array([[0] * 6, [1, 0, 0, 0, 0, 1]] * 3, float)
    assert fit_temperature(np.full((6, 2), 0.5), labels, "binary") == 1
    assert fit_temperature(np.full((6, 2), 0.5), np.full((6, 6), UNKNOWN), "binary") is None


@pytest.mark.parametrize("fit", [fit_temperature, fit_bias_corrected])
@pytest.mark.parametrize("task", ["subtype", "binary"])
def test_what_says_nothing_of_any_class_fits_nothing(fit, task):
    probabilities, _ = drawn(task, 2.5, n=20)
    no_epidural = np.full((20, 6), UNKNOWN)
    no_epidural[:, 0] = 0
    assert fit(probabilities, no_epidural, task) is None


def test_all_right_asks_for_the_coldest():
    labels = np.array([[0] * 6, [0, 0, 0, 0, 1, 1]], float)
    found = fit_temperature(np.array([[0.6, 0.4], [0.4, 0.6]]), labels, "binary")
    assert found < 2 * RANGE[0]


def test_0_and_1_stay_what_they_are():
    for task, row in (("binary", [0.0, 1.0]), ("multilabel", [0.0, 1.0] * 3)):
        scaled = scale_temperature(np.array([row]), task, 2)
        np.testing.assert_allclose(scaled, [row], atol=1e-3)
