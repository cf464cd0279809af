import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundle.clinical import (
    category_code,
    clinical_vector,
    feature_name,
    find_clinical_problems,
    is_personal,
    with_features,
)
from bundle.errors import InputError

NAMES = st.sampled_from(["systolic_bp", "history", "gcs"])
VALUES = st.one_of(st.floats(-1e3, 1e3, width=32), st.sampled_from(["none", "Stroke", "1"]))


@given(st.dictionaries(NAMES, VALUES), st.one_of(st.none(), st.floats(0, 90, width=32)))
def test_the_vector_has_what_is_known_and_nan_for_the_rest(clinical, age):
    numbers = [name for name, value in clinical.items() if not isinstance(value, str)]
    categories = [name for name in ("systolic_bp", "history", "gcs", "sex") if name not in numbers]
    row = {"image": "a.png", "age": age, "sex": "F", "clinical": clinical}
    vector = clinical_vector(row, ["age", *numbers], categories)
    assert vector.dtype == np.float32
    given_ = dict(zip(["age", *numbers, *categories], vector.tolist(), strict=True))
    assert np.isnan(given_["age"]) == (age is None)
    for name in (*numbers, *categories):
        value = {**clinical, "sex": "F"}.get(name)
        if value is None:
            assert np.isnan(given_[name])
        else:
            assert given_[name] == (category_code(value) if isinstance(value, str) else value)


def test_a_category_is_the_same_whatever_its_case_or_spelling_as_a_number():
    assert category_code("Stroke ") == category_code("stroke") != category_code("none")
    assert np.float32(category_code("stroke")) == category_code("stroke"), "float32 holds it exactly"
    rows = with_features([{"image": "a", "clinical": {"gcs": value}} for value in (3, 3.0, "3")], [], ["gcs"])
    assert len({row["clinical"].item() for row in rows}) == 1


def test_a_text_for_a_number_is_named():
    with pytest.raises(InputError, match=r"a\.png has a text for the numeric clinical feature 'gcs'"):
        clinical_vector({"image": "a.png", "clinical": {"gcs": "low"}}, ["gcs"], [])


@pytest.mark.parametrize(
    "name", ["name", "PatientName", "patient_id", "Date of birth", "dob", "MRN", "E-Mail", "home address", "Patient"]
)
def test_what_identifies_a_person_is_known_by_its_name(name):
    assert is_personal(name)


@pytest.mark.parametrize("name", ["systolic_bp", "history", "Patient weight", "identical", "nameless", "INR", "update"])
def test_other_names_are_not_personal(name):
    assert not is_personal(name)


def test_features_are_named_after_their_columns():
    assert feature_name(" Systolic BP (mmHg)") == "systolic_bp_mmhg"


@pytest.mark.parametrize(
    ("clinical", "said"),
    [
        ([1], "must be an object"),
        ({"Systolic": 1}, "small letters"),
        ({"age": 1}, "a key of the row itself"),
        ({"family_name": "x"}, "identifies a person"),
        ({"seen": "2019-03-01"}, "a date"),
        ({"seen": "1.3.2019 10:15"}, "a date"),
        ({"seen": "20190301"}, "a date"),
        ({"history": "x" * 41}, "longer than 40"),
        ({"history": " "}, "is empty"),
        ({"history": True}, "a number or a text, got a bool"),
        ({"history": None}, "a number or a text, got a NoneType"),
        ({"gcs": float("inf")}, "finite"),
    ],
)
def test_each_broken_feature_is_named_without_its_value(clinical, said):
    (problem,) = find_clinical_problems(clinical)
    assert said in problem
    assert "2019" not in problem


def test_features_as_they_should_be():
    assert list(find_clinical_problems({"systolic_bp": 151.5, "history": "hypertension, type 2", "gcs": 15})) == []
