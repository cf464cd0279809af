import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.labels import ABBREVIATIONS, LABELS, NORMAL
from bundle.sources.class_names import SPELLINGS, class_of

NAMES = {
    name: each
    for each in (NORMAL, *LABELS)
    for name in (each, *filter(None, [ABBREVIATIONS.get(each)]), *SPELLINGS.get(each, ()))
}


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.sampled_from(sorted(NAMES)), st.lists(st.sampled_from(" _./()\t"), max_size=3), st.data())
def test_what_is_between_letters_makes_no_difference(name, signs, data):
    written = name.upper() if data.draw(st.booleans()) else name
    for sign in signs:
        place = data.draw(st.integers(0, len(written)))
        written = written[:place] + sign + written[place:]
    assert class_of(written) == NAMES[name]


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(NAMES)), st.characters(exclude_characters="_./()- ", exclude_categories=["Z", "Cc", "Cs"])
)
def test_a_sign_that_can_say_no_makes_a_name_unknown(name, sign):
    if not sign.isascii() or not sign.isalpha():
        assert class_of(sign + name) is class_of(name + sign) is class_of(f"{name} {sign}") is None


@pytest.mark.parametrize(
    "name",
    [
        "无SDH",
        "без SDH",
        "SDH (-)",
        "SDH-",
        "SDH - ",
        "SDH?",
        "SDH+",
        "¬ICH",
        "无ICH",
        "ICH_0",
        "hemorrhage 0",
        "",
        "()",
    ],
)
def test_a_bleed_that_is_absent_or_in_doubt_is_none(name):
    assert class_of(name) is None


def test_a_hyphen_between_words_is_a_space():
    assert class_of("sub-dural") == "subdural" and class_of("non-hemorrhage") == NORMAL
