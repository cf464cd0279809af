import csv
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.files import guarded, unguarded, write_csv


def test_texts_are_guarded_and_numbers_and_nothing_are_not(tmp_path):
    row = ["=1+1", "-cmd", "+a", "@b", "-1.5", "+2e-3", -1.5, None, os.fsdecode(b"M\xfcller"), "ä"]
    write_csv(tmp_path / "a.csv", ["=column", *"bcdefghij"], [row])
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        header, read = csv.reader(file)
    assert header == ["'=column", *"bcdefghij"]
    assert read == ["'=1+1", "'-cmd", "'+a", "'@b", "-1.5", "+2e-3", "-1.5", "", "M\\xfcller", "ä"]


@settings(derandomize=True)
@given(st.text(st.sampled_from("=+-@\t\r.e019a ")))
def test_a_guarded_text_comes_back(text):
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "@", "\t", "\r"))


def test_a_broken_write_leaves_the_earlier_table(tmp_path):
    write_csv(tmp_path / "a.csv", ["a"], [[1]])

    def rows():
        yield [2]
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_csv(tmp_path / "a.csv", ["a"], rows())
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "a\n1\n"


def test_there_is_no_other_way_to_write_a_table(root):
    writers = ("csv.writer(", "DictWriter(", ".to_csv(")
    found = {
        path.relative_to(root).as_posix()
        for folder in ("bundle", "scripts", "monai_label")
        for path in (root / folder).rglob("*.py")
        if any(writer in path.read_text(encoding="utf-8") for writer in writers)
    }
    assert found == {"bundle/files/csv_table.py"}
