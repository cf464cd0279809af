import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from bundle.errors import InputError
from bundle.results.records import Records
from bundle.results.write import write_records, write_results

RECORDS = Records(
    [{"image": "a.png", "p_any": 0.25, "position": None}, {"image": "ö, b.png", "p_any": 0.5, "overlay": "b.png"}],
    [{"series": "", "slices": 2, "hemorrhage": False}],
    [],
)

ABOUT = {"task": "binary", "classes": ["normal", "hemorrhage"], "threshold": None}


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_the_tables_have_every_column_that_a_record_has(tmp_path):
    write_results(tmp_path, RECORDS, ABOUT)
    assert read(tmp_path / "slices.csv") == [
        ["image", "p_any", "position", "overlay"],
        ["a.png", "0.25", "", ""],
        ["ö, b.png", "0.5", "", "b.png"],
    ]
    assert read(tmp_path / "series.csv") == [["series", "slices", "hemorrhage"], ["", "2", "False"]]
    assert read(tmp_path / "failed.csv") == [["image", "reason"]], "a header where nothing failed"
    assert read(tmp_path / "left_out.csv") == [["image", "kind", "reason"]]


def test_one_file_has_it_all(tmp_path):
    write_results(tmp_path, RECORDS, ABOUT)
    found = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert list(found) == [*ABOUT, "series", "slices", "left_out", "failed"]
    assert {name: found[name] for name in ABOUT} == ABOUT
    assert (found["slices"], found["series"], found["failed"]) == (RECORDS.slices, RECORDS.series, [])


def test_earlier_results_are_replaced_and_nothing_lies_beside_them(tmp_path):
    (tmp_path / "failed.csv").write_text("of an earlier inference\n" * 100)
    write_results(tmp_path, RECORDS, ABOUT)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "failed.csv",
        "left_out.csv",
        "results.json",
        "series.csv",
        "slices.csv",
    ]
    assert read(tmp_path / "failed.csv") == [["image", "reason"]]


@pytest.mark.parametrize("name", ["=1+1.png", "+a.png", "-1.dcm", "@sum.png"])
def test_a_name_is_no_formula_in_a_table(tmp_path, name):
    write_records(tmp_path / "a.csv", [{"image": name, "p_any": -0.5}])
    with (tmp_path / "a.csv").open(newline="") as file:
        (line,) = csv.DictReader(file)
    assert line == {"image": f"'{name}", "p_any": "-0.5"}


def test_a_full_disk_is_one_sentence_and_leaves_the_earlier_results_whole(tmp_path, monkeypatch):
    write_results(tmp_path, RECORDS, ABOUT)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write_text = Path.write_text

    def full(path, *arguments, **options):
        write_text(path, "half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(InputError, match=r"results \(No space left on device\); earlier ones .*another folder"):
        write_results(tmp_path, replace(RECORDS, slices=[]), ABOUT)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
