import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundle.labels import CLASSES, LABELS, SUBTYPES, check_label, class_names

VALUE = st.sampled_from([0, 1, None])


def test_order_is_that_of_the_challenge():
    assert LABELS == ("epidural", "intraparenchymal", "intraventricular", "subarachnoid", "subdural", "any")
    assert CLASSES["subtype"] == ("normal", *SUBTYPES)
    assert class_names("binary") == ("normal", "hemorrhage")
    with pytest.raises(ValueError, match="task must be one of subtype, binary, multilabel"):
        class_names("detection")


@given(st.lists(VALUE, min_size=5, max_size=5), VALUE)
def test_any_never_contradicts_the_subtypes(subtypes, bleed):
    consistent = not (1 in subtypes and bleed == 0) and not (subtypes == [0] * 5 and bleed == 1)
    if not consistent:
        with pytest.raises(ValueError, match="but the subtypes say"):
            check_label([*subtypes, bleed])
        return
    *checked, any_checked = check_label([*subtypes, bleed])
    if 1 in checked:
        assert any_checked == 1
    if any_checked == 0:
        assert checked == [0] * 5
    for before, after in zip([*subtypes, bleed], [*checked, any_checked], strict=True):
        assert before is None or before == after, "what is known stays"
    assert check_label([*checked, any_checked]) == [*checked, any_checked]


@pytest.mark.parametrize("label", [[0] * 5, [0] * 7, [0, 0, 0, 0, 0, 2], ["1", 0, 0, 0, 0, 1], [0.5] * 6])
def test_refuses_what_is_no_label(label):
    with pytest.raises(ValueError, match="label"):
        check_label(label)
