import logging
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from bundle.handlers import SaveUncertainty
from bundle.handlers.announced import announce
from bundle.labels import UNKNOWN
from bundle.uncertainty import fit_gaussian, uncertainty_path
from tests.predictions.views import VIEW

NORMAL, BLEED, NOTHING = np.zeros(6, np.float32), np.array([UNKNOWN] * 5 + [1], np.float32), np.full(6, UNKNOWN)


def validation(labels, seed):
    """Return an evaluator that has run over slices of these labels, of a patient each."""
    generator = np.random.default_rng(seed)
    rows = [{"image": f"{k}.png", "patient": f"P{k}", "label": label} for k, label in enumerate(labels)]
    p = torch.from_numpy(generator.dirichlet([1, 1], len(rows)).astype(np.float32))
    details = {"rows": rows, "probabilities": p, "alone": p, "task": "binary", "distances": generator.random(len(rows))}
    engine = SimpleNamespace(state=SimpleNamespace(metric_details=details))
    announce(engine, "distances", SimpleNamespace(gaussian=fit_gaussian(generator.normal(size=(len(rows), 4)))))
    return engine


@pytest.mark.parametrize(("first", "second", "replaced"), [(BLEED, BLEED, True), (BLEED, NOTHING, False)])
def test_limits_stay_where_no_slice_is_known_to_have_a_hemorrhage(tmp_path, caplog, first, second, replaced):
    checkpoint = tmp_path / "model.pt"
    checkpoint.write_bytes(b"weights")
    written = []
    for seed, other in enumerate((first, second)):
        with caplog.at_level(logging.INFO):
            SaveUncertainty(checkpoint, VIEW)(validation([NORMAL, other] * 30, seed))
        written.append(uncertainty_path(checkpoint).read_bytes())
    assert (written[0] != written[1]) == replaced
    assert ("the limits of prediction sets stay as they are" in caplog.text) != replaced


def test_limits_of_another_checkpoint_do_not_stay(tmp_path):
    checkpoint = tmp_path / "model.pt"
    written = []
    for seed, (weights, other) in enumerate(((b"some", BLEED), (b"others", NOTHING))):
        checkpoint.write_bytes(weights)
        SaveUncertainty(checkpoint, VIEW)(validation([NORMAL, other] * 30, seed))
        written.append(uncertainty_path(checkpoint).read_bytes())
    assert written[0] != written[1]
