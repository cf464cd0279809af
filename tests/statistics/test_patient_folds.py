import numpy as np
import pytest

from bundle.statistics import patient_folds


def test_every_slice_is_told_once_and_by_other_patients():
    patients = np.array([f"P{index // 7}" for index in range(80)])
    folds = patient_folds(patients)
    assert len(folds) == 5
    np.testing.assert_array_equal(np.sort(np.concatenate([part for _, part in folds])), np.arange(80))
    for others, part in folds:
        assert not set(patients[others]) & set(patients[part])
        assert len(others) + len(part) == 80


@pytest.mark.parametrize(("least", "folds"), [(5, 0), (3, 3), (2, 3)])
def test_too_few_patients(least, folds):
    assert len(patient_folds(["a", "a", "b", "c"], least)) == folds


def test_one_patient_has_no_others():
    assert patient_folds(["a", "a"], least=1) == []
