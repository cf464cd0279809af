import numpy as np
import pytest

from bundle.calibration import CHOOSE, apply_bias_corrected, fit_bias_corrected, probabilities_of
from bundle.export.validated import operating_points, relative
from bundle.predictions import Predictions

RNG = np.random.default_rng(3)
TRUTH = (RNG.random((600, 5)) < 0.1).astype(int)
LABELS = np.column_stack([TRUTH, TRUTH.any(1)])
LOGITS = RNG.normal(size=(600, 6)) + 3 * np.column_stack([1 - TRUTH.any(1), TRUTH])


def fitted(logits):
    return fit_bias_corrected(probabilities_of(logits, "subtype"), LABELS, "subtype")


def test_a_runtime_whose_logits_are_off_is_brought_back_to_the_reference():
    off = LOGITS * 1.4 - [0.7, 0, 0, 0, 0, 0]
    temperature, shift = relative(fitted(off), fitted(LOGITS))
    assert temperature == pytest.approx(1.4, abs=0.02) and shift == pytest.approx(0.5, abs=0.03)
    back = apply_bias_corrected(probabilities_of(off, "subtype"), "subtype", temperature, shift)
    assert np.abs(back - probabilities_of(LOGITS, "subtype")).max() < 0.01


def test_a_runtime_that_is_the_reference_stays_as_it_is():
    assert relative(fitted(LOGITS), fitted(LOGITS + 1e-6)) == (1.0, 0.0)


def test_thresholds_are_those_that_the_report_chooses():
    known = Predictions.of_rows(
        [{"label": each} for each in LABELS.tolist()], probabilities_of(LOGITS, "subtype"), "subtype"
    )
    points = operating_points(known)
    assert [(each["wanted"], each["share"]) for each in points] == [
        ("sensitivity", 0.9), ("sensitivity", 0.95), ("specificity", 0.9),
    ]  # fmt: skip
    for each in points:
        assert each["threshold"] == CHOOSE[each["wanted"]](known.truth, known.p_any, each["share"])
    assert np.mean(known.p_any[known.truth == 1] >= points[1]["threshold"]) >= 0.95
