import html
import json
import re
from dataclasses import replace

import pytest

from bundle.errors import InputError
from bundle.heads import Action
from bundle.pictures import Captions
from bundle.viewer import HeadPictures, page, stack, write_page
from tests.viewer.examples import SERIES, STUDY, head, pictures

HOSTILE = "</script><img src=x onerror=alert(1)>\"'&<!--\u2028"


def written(folder, heads, **options):
    write_page(folder / "index.html", heads, **options)
    return (folder / "index.html").read_text(encoding="utf-8")


def stacks(text):
    """Return the slices of each head that the page holds for later."""
    return [json.loads(found) for found in re.findall(r'class="slices">(.*?)</script>', text)]


def test_the_worklist_is_in_order_of_urgency(tmp_path):
    def one(name, action, p_any):
        return HeadPictures({"study": "", "series": name, "action": action, "p_any": p_any}, [])

    heads = [
        one("e", "routine", 0.1), one("b", "read first", 0.7), one("d", "read soon", 0.2), one("a", "read first", 0.9),
        one("f", "routine", 0.05), one("c", "read soon", None),
    ]  # fmt: skip
    text = written(tmp_path, iter(heads))
    assert re.findall(r'<a href="#head-\d">\d\. (\w)</a>', text) == list("abcdef")
    assert re.findall(r'id="title-\d">\d\. (\w)</h2>', text) == list("abcdef")
    assert "<strong>2</strong> read first" in text


def test_a_head_is_told_in_words_and_its_most_suspicious_slice_stands_in_the_page(tmp_path):
    one = head(
        where_side="left",
        where_from_slice=4,
        where_to_slice=6,
        where_from_mm=-5.0,
        where_to_mm=5.0,
        where_hu=62,
        threshold=0.3,
    )
    text = html.unescape(written(tmp_path, [one]))
    worst = max(range(12), key=lambda index: one.slices[index].record["p_any"])
    for words in (
        "A hemorrhage is likely.", "P(any) is 0.93, the threshold 0.30.", "intraparenchymal (0.84)", "Head 5.0",
        "on the patient's left, slices 4 to 6 counted from the base (-5.0 to 5.0 mm), 62 HU on average",
        "For research only.", f"slice {worst + 1} of 12 · counted from the base · {5 * worst - 20:.1f} mm",
        '<span class="caption side left">R</span>',
    ):  # fmt: skip
        assert words in text, words
    (slices,) = stacks(text)
    assert [each["number"] for each in slices] == list(range(1, 13))
    assert [each["image"] is None for each in slices] == [index == worst for index in range(12)], "it is not held twice"
    assert all(each["sides"] == ["R", "L"] for each in slices)
    assert slices[worst]["strength"] == 1 and all(0 <= each["strength"] <= 1 for each in slices)
    assert {each["number"] for each in slices if each["marked"]} == {
        index + 1 for index, each in enumerate(one.slices) if each.record["p_any"] >= 0.5
    }


def test_pictures_have_no_sides_no_window_and_no_end(tmp_path):
    text = written(tmp_path, [pictures()])
    assert "left and right unknown" in text
    assert 'data-window="brain" aria' not in text and 'class="bone"' not in text
    assert "inferior" not in text.partition("<section")[2]


def test_a_caution_is_said(tmp_path):
    text = written(tmp_path, [head(outcome="scored with a caution", kind="contrast", reason="the agent is named")])
    assert "Scored with a caution: contrast." in text and "the agent is named." in text


@pytest.mark.parametrize(
    "fields", [{}, {"p_any": 0.4}, {"p_any": 0.4, "p_subdural": None, "where_side": "", "part": None}]
)
@pytest.mark.parametrize("action", list(Action))
def test_a_record_may_lack_any_field_but_what_to_do(tmp_path, action, fields):
    text = written(tmp_path, [HeadPictures({"action": action, **fields}, [])])
    assert "There is no picture of this head." in text and "None" not in text


def test_a_run_without_a_head_says_so(tmp_path):
    text = written(tmp_path, [], left_out=[{"image": "s.dcm", "slices": 1, "kind": "scout", "reason": "it is one"}],
                   failed=[{"image": "b.dcm", "reason": "is cut short"}])  # fmt: skip
    assert "No head was scored." in text and "s.dcm" in text and "is cut short" in text


def test_what_identifies_a_patient_is_shown_on_request_alone(tmp_path):
    one = head()
    named = HeadPictures(one.record, one.slices, {"PatientName": "Doe^Jane", "PatientID": "4711-x"})
    text = written(tmp_path, [named], failed=[{"image": f"{STUDY}/1.dcm", "reason": "is cut short"}])
    for identifying in ("Doe", "4711-x", STUDY, SERIES):
        assert identifying not in text
    assert f"…{STUDY[-6:]}" in text
    text = written(tmp_path, [named], show_identity=True)
    assert "Doe^Jane" in text and "4711-x" in text and STUDY not in text


def test_hostile_text_stays_text(tmp_path):
    named = ("description", "kernel", "kind", "reason", "series", "part", "refer_reason")
    fields = {"outcome": "scored with a caution", "most_suspicious_image": f"{HOSTILE}/0.png"}
    one = pictures(**dict.fromkeys(named, HOSTILE), **fields)
    lines = [{"image": HOSTILE, "slices": 1, "kind": HOSTILE, "reason": HOSTILE}]
    text = written(tmp_path, [one], left_out=lines, failed=lines, about=[HOSTILE])
    assert "<img src=x" not in text and "<!--" not in text
    assert text.count("</script>") == 2, "that of the slices, and the page's own"
    assert html.unescape(text).count(HOSTILE.replace("\u2028", "")[:30]) > 10, "it is all there"


def test_hostile_text_stays_text_in_the_stored_slices(tmp_path, monkeypatch):
    monkeypatch.setattr(stack, "slice_captions", lambda *_: Captions((HOSTILE, HOSTILE), HOSTILE, HOSTILE))
    text = written(tmp_path, [pictures()])
    assert "<img src=x" not in text and text.count("</script>") == 2
    (slices,) = stacks(text)
    assert [each["place"] for each in slices] == [HOSTILE] * 3


def test_of_a_thin_stack_some_slices_are_held_and_the_most_suspicious_always(tmp_path, monkeypatch):
    monkeypatch.setattr(stack, "MOST_SLICES", 5)
    one = head()
    worst = 1 + max(range(12), key=lambda index: one.slices[index].record["p_any"])
    heated = {5, 6}
    pictures = [each if number in heated else replace(each, heat=None) for number, each in enumerate(one.slices, 1)]
    text = written(tmp_path, [HeadPictures(one.record, pictures)])
    (slices,) = stacks(text)
    assert [each["number"] for each in slices] == sorted({1, 4, 7, 10, worst, *heated})
    assert f"{len(slices)} of 12 slices can be looked at here" in text
    assert text.count("<circle") == 12, "the curve has all of them"


def test_slices_of_two_scales_have_no_scale_bar(tmp_path):
    one = head()
    assert "5 cm" in written(tmp_path, [one])
    mixed = [replace(one.slices[0], spacing=(1.0, 1.0)), *one.slices[1:]]
    assert "5 cm" not in written(tmp_path, [HeadPictures(one.record, mixed)])


def test_each_slice_is_asked_for_once(tmp_path):
    one, asked = head(), []

    class Lazy:
        def __len__(self):
            return len(one.slices)

        def __getitem__(self, index):
            if index >= len(self):
                raise IndexError(index)
            asked.append(index)
            return one.slices[index]

    written(tmp_path, [HeadPictures(one.record, Lazy())])
    assert asked == list(range(12))


def test_a_page_that_is_full_holds_one_slice_of_each_further_head(tmp_path, monkeypatch):
    text = written(tmp_path, [head(), head()])
    whole = len(stacks(text))
    size = len(re.search(r'class="slices">(.*?)</script>', text)[1])
    monkeypatch.setattr(page, "MOST_BYTES", int(1.5 * size))
    text = written(tmp_path, [head(), head()])
    assert (whole, len(stacks(text))) == (2, 1)
    assert text.count("This page is full") == 1 and text.count('class="stage ct"') == 2


def test_the_page_can_load_nothing_and_run_no_other_script(tmp_path):
    text = written(tmp_path, [head()])
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    assert "default-src 'none'; img-src data:" in policy and "script-src 'sha256-" in policy
    addresses = re.findall(r'(?:src|href)="([^"]{1,8})', text)
    assert addresses and all(address.startswith(("data:", "#")) for address in addresses)
    assert "http" not in re.sub(r"data:[^\"]+", "", text).replace("http-equiv", "")


def test_a_page_that_cannot_be_written_is_told_and_the_earlier_one_stays(tmp_path, monkeypatch):
    written(tmp_path, [])
    before = (tmp_path / "index.html").read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stack, "encode_slice", full)
    with pytest.raises(InputError, match=r"index.html cannot be written \(No space left on device\)"):
        write_page(tmp_path / "index.html", [head()])
    assert (tmp_path / "index.html").read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["index.html"]


def test_the_same_heads_give_the_same_page(tmp_path):
    assert written(tmp_path, [head()]) == written(tmp_path, [head()])
