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


def validation(labels):
    """Return an evaluator that has run over slices of these labels, of a patient each."""
    generator = np.random.default_rng(0)
    rows = [{"image": f"{k}.png", "patient": f"P{k}", "label": label} for k, label in enumerate(labels)]
    p = torch.from_numpy(generator.dirichlet([1, 1], len(rows)).astype(np.float32))
    details = {"rows": rows, "probabilities": p, "alone": p, "task": "binary", "distances": generator.random(len(rows))}
    engine = SimpleNamespace(state=SimpleNamespace(metric_details=details))
    announce(engine, "distances", SimpleNamespace(gaussian=fit_gaussian(generator.normal(size=(len(rows), 4)))))
    return engine


@pytest.mark.parametrize(
    ("other", "written"), [(np.array([UNKNOWN] * 5 + [1], np.float32), True), (np.full(6, UNKNOWN, np.float32), False)]
)
def test_limits_need_slices_with_a_hemorrhage_and_a_file_that_is_there_stays(tmp_path, caplog, other, written):
    checkpoint = tmp_path / "model.pt"
    checkpoint.write_bytes(b"weights")
    path = uncertainty_path(checkpoint)
    path.write_bytes(b"limits of other slices")
    with caplog.at_level(logging.INFO):
        SaveUncertainty(checkpoint, VIEW)(validation([np.zeros(6, np.float32), other] * 30))
    assert (path.read_bytes() != b"limits of other slices") == written
    assert ("limits of prediction sets are not fitted" in caplog.text) != written
