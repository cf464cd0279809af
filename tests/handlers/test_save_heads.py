import logging
from types import SimpleNamespace

import pytest
import torch

from bundle.handlers import SaveHeads
from bundle.heads import read_heads
from tests.heads.test_fit import SIGMA, slices
from tests.predictions.views import VIEW


@pytest.mark.parametrize("thin", [0, 2])
def test_heads_of_thin_slices_are_counted_and_not_fitted_on(tmp_path, caplog, thin):
    rows, p = slices(depth=52)
    for row in rows[: thin * 52]:
        row["position"] *= 0.4
    scores = torch.from_numpy(p)
    details = {"rows": rows, "probabilities": scores, "alone": scores, "task": "binary", "slice_smoothing": SIGMA}
    checkpoint = tmp_path / "model.pt"
    checkpoint.write_bytes(b"weights")
    with caplog.at_level(logging.INFO):
        SaveHeads(checkpoint, VIEW)(SimpleNamespace(state=SimpleNamespace(metric_details=details)))
    found = read_heads(checkpoint, "binary", VIEW)
    assert found.placed.heads_normal + found.placed.heads_hemorrhage == 50 - thin
    assert ("less than 2.5 mm apart: 2, not used" in caplog.text) == bool(thin)
