from types import SimpleNamespace

import numpy as np
import pytest

from bundle.errors import InputError
from bundle.handlers import CheckTrainingData
from bundle.labels import UNKNOWN

KNOWN, NOTHING = np.zeros(6, np.float32), np.full(6, UNKNOWN, np.float32)


def engine(labels, batch_size=2):
    dataset = SimpleNamespace(data=[{"label": label} for label in labels])
    return SimpleNamespace(data_loader=SimpleNamespace(batch_size=batch_size, dataset=dataset))


@pytest.mark.parametrize(
    ("training", "validation", "sentence"),
    [
        (engine([KNOWN] * 2, 1), engine([KNOWN]), "the batch_size is 1; give at least 2"),
        (engine([KNOWN]), engine([KNOWN]), "the training section has 1 slice, and a training needs at least 2"),
        (engine([NOTHING] * 2), engine([KNOWN]), "no slice of the training section has a known label"),
        (engine([KNOWN] * 2), engine([NOTHING] * 3), "no slice of the validation section has a known label"),
    ],
)
def test_what_teaches_nothing_is_refused(training, validation, sentence):
    with pytest.raises(InputError, match=sentence):
        CheckTrainingData(validation)(training)


def test_one_known_label_is_enough():
    subdural = np.array([UNKNOWN] * 4 + [1, 1], np.float32)
    CheckTrainingData(engine([NOTHING, subdural]))(engine([NOTHING, KNOWN]))


def test_a_training_without_a_hemorrhage_is_told(caplog):
    both = engine([KNOWN, np.array([0, 0, 0, 0, 1, 1], np.float32)])
    CheckTrainingData(both)(engine([KNOWN, NOTHING]))
    assert "no slice of the training section is known to have a hemorrhage" in caplog.text
    caplog.clear()
    CheckTrainingData(both)(both)
    assert not caplog.text


@pytest.mark.parametrize(("label", "missing"), [([0] * 6, "hemorrhage"), ([0, 0, 0, 0, 1, 1], "slice without one")])
def test_a_validation_of_one_kind_alone_is_told(caplog, label, missing):
    one = np.array(label, np.float32)
    CheckTrainingData(engine([one, one]))(engine([KNOWN, np.array([0, 0, 0, 0, 1, 1], np.float32)]))
    assert f"the validation section has no known {missing}" in caplog.text
