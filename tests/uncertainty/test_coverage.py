import numpy as np
import pytest

from bundle.uncertainty import coverage_by_patient, covered, weighted_coverage

SETS = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [0, 1, 1]], dtype=bool)
TRUTH = np.array([[1, 0, 0], [0, 0, 1], [1, 0, 0], [0, 1, 1]], dtype=bool)


def test_a_set_covers_what_it_holds_whole():
    assert covered(SETS, TRUTH).tolist() == [True, False, False, True]
    assert not covered(np.array([[False, True, False]]), TRUTH[-1:])[0], "one of two is not enough"


def test_figures_of_the_rows_and_of_a_resample():
    figures = weighted_coverage(SETS, TRUTH)(np.array([[1, 1, 1, 1], [2, 0, 0, 1.0]]))
    assert figures["coverage"].tolist() == [0.5, 1]
    assert figures["size"].tolist() == [1.25, 4 / 3]
    assert figures["decided"].tolist() == [0.25, 2 / 3]
    assert figures["coverage_0"].tolist() == [0.5, 1]
    assert figures["coverage_2"].tolist() == [0.5, 1]
    assert np.isnan(weighted_coverage(SETS, TRUTH)(np.array([[1, 0, 0, 0.0]]))["coverage_1"][0])


def test_each_patient_counts_once():
    found = coverage_by_patient(np.array([True, True, True, False]), np.array(["a", "a", "a", "b"]), 0.9)
    assert (found.patients, found.mean, found.lowest, found.below) == (2, pytest.approx(0.5), 0, 1)
