"""Whole heads of the validation split calibrate the heads of each runtime."""

from dataclasses import replace

import numpy as np
import pytest

from bundle.export.slices import Slices
from bundle.export.validated import Validated, write_fitted
from bundle.predictions import Predictions
from bundle.runtime.classifier import Outputs
from bundle.uncertainty import read_uncertainty

HEADS, SLICES = 40, 24


@pytest.mark.parametrize("spacing", [5.0, 0.5])
def test_whole_heads_are_calibrated_and_parts_are_not(setup, tmp_path, spacing):
    rng = np.random.default_rng(0)
    rows = [
        {"label": [0, 0, 0, 0, head % 2, head % 2], "patient": f"p{head}", "study": f"s{head}", "series": f"s{head}",
         "position": spacing * index}
        for head in range(HEADS) for index in range(SLICES)
    ]  # fmt: skip
    bleeding = np.array([row["label"][5] for row in rows])
    p_any = np.clip(0.2 + 0.5 * bleeding + rng.normal(scale=0.1, size=len(rows)), 0.01, 0.99)
    probabilities = np.column_stack([1 - p_any, *[p_any / 5] * 5])
    predictions = Predictions.of_rows(rows, probabilities, "subtype")
    outputs = Outputs(np.log(probabilities), rng.normal(size=(len(rows), 8)).astype(np.float32), None)
    file = tmp_path / "classifier.onnx"
    file.write_bytes(b"a classifier")
    heads = write_fitted(
        replace(setup, slice_smoothing=4.0), file, Slices(rows, np.zeros((len(rows), 1), np.uint8)),
        Validated(outputs, None, None, predictions),
    )  # fmt: skip
    assert (heads is not None) == (spacing * SLICES > 100)
    assert read_uncertainty(file, "subtype", setup.view).gaussian.mean.shape == (8,)
    if heads is not None:
        assert 0.2 < heads.placed.threshold < 1
