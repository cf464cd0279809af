import numpy as np
import pytest

from bundle.calibration import fit_bias_corrected


def test_undoes_a_wrong_temperature_and_a_wrong_share_of_bleeds():
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 2, (20_000, 6)) + np.array([2, 0, 0, 0, 0, 0])
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    kinds = (probabilities.cumsum(1) > generator.uniform(size=(len(logits), 1))).argmax(1)
    labels = np.zeros((len(logits), 6))
    bleeds = np.flatnonzero(kinds)
    labels[bleeds, kinds[bleeds] - 1] = labels[bleeds, 5] = 1
    distorted = logits.copy()
    distorted[:, 0] -= 1.5
    distorted = np.exp(distorted * 2)
    temperature, shift = fit_bias_corrected(distorted / distorted.sum(1, keepdims=True), labels, "subtype")
    assert temperature == pytest.approx(2, rel=0.03) and shift == pytest.approx(1.5, abs=0.06)


def test_nothing_known_and_no_normal():
    even = np.full((3, 2), 0.5)
    assert fit_bias_corrected(even, np.full((3, 6), -1.0), "binary") is None
    with pytest.raises(ValueError, match="no class normal"):
        fit_bias_corrected(np.full((3, 6), 0.5), np.zeros((3, 6)), "multilabel")
