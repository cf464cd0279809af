"""The codes that are written out are those of the standard's dictionaries, and cover all that can be said."""

from pydicom.sr._concepts_dict import concepts
from pydicom.sr.coding import Code

from bundle.dicom_results import codes
from bundle.explain import METHODS
from bundle.explain.heat_maps import EVIDENCE
from bundle.heads import Action
from bundle.labels import LABELS

OF_SNOMED = {
    ("21454007", "SCT"), ("35486000", "SCT"), ("274100004", "SCT"), ("276214006", "SCT"), ("363698007", "SCT"),
    ("49755003", "SCT"),
}  # fmt: skip
"""What is not in pydicom's dictionary, or there under another name; the last three are highdicom's own."""
ELSEWHERE = {("EDH", codes.PRIVATE_SCHEME), ("%", "UCUM"), ("en-US", "RFC5646")}


def all_codes() -> list[Code]:
    found = [value for value in vars(codes).values() if isinstance(value, Code)]
    found += [*codes.PRESENCE.values(), *codes.MAPS.values()]
    return found + [code for concept in codes.CONCEPTS.values() for code in concept]


def test_they_mean_what_the_standard_says() -> None:
    known: dict[tuple[str, str], set[str]] = {}
    for scheme, names in concepts.items():
        for value, (meaning, _) in (item for entry in names.values() for item in entry.items()):
            known.setdefault((value, scheme), set()).update({meaning, meaning.removesuffix(" (disorder)")})
    found = all_codes()
    assert len(found) > 40
    for code in found:
        place = (code.value, code.scheme_designator)
        assert code.meaning in known.get(place, ()) or place in OF_SNOMED | ELSEWHERE, code
        assert len(code.value) <= 16 and len(code.meaning) <= 64 and code.meaning.isascii()


def test_there_is_one_for_every_label_action_and_heat_map() -> None:
    assert set(codes.CONCEPTS) == set(LABELS)
    assert set(codes.PRESENCE) == set(Action)
    assert set(codes.MAPS) == {*METHODS, EVIDENCE}
