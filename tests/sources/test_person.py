import hashlib
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.sources.person import pseudonym


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.text(max_size=8))
def test_a_name_has_one_pseudonym_however_its_letters_are_composed(name):
    assert pseudonym(unicodedata.normalize("NFC", name)) == pseudonym(unicodedata.normalize("NFD", name))


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="."), min_size=1, max_size=12))
def test_the_pseudonyms_of_ascii_names_stay_those_of_earlier_versions(name):
    assert pseudonym(name) == hashlib.sha256(name.encode()).hexdigest()[:16]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("49", "49.0", True),
        ("049", "049.0", True),
        ("49", "049", False),
        ("1.2", "1.2.0", False),
        ("4.10", "4.1", False),
        ("Ann", "Bob", False),
    ],
)
def test_a_number_is_the_same_as_a_spreadsheet_writes_it(one, other, same):
    assert (pseudonym(one) == pseudonym(other)) == same
