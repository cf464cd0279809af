import json

import pytest

from bundle.datalist import read_datalist, write_datalist, write_table
from bundle.errors import InputError
from tests.datalist.examples import BLEED, SUBDURAL, datalist, row


def test_what_is_written_is_read(tmp_path):
    content = datalist([row(position=1.5), row("ü/b.png", SUBDURAL, "P2", age=3)], [], [row("c.png", BLEED, "P3")])
    write_datalist(tmp_path / "d.json", content)
    assert read_datalist(tmp_path / "d.json") == content


def test_equal_content_gives_equal_bytes_whatever_the_order_of_keys(tmp_path):
    first = row(study="s", age=4)
    write_datalist(tmp_path / "a.json", datalist([first]))
    write_datalist(tmp_path / "b.json", datalist([dict(reversed(first.items())) | {"series": None}]))
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_reading_fills_in_what_the_label_implies(tmp_path):
    content = datalist([row(label=[0, 0, 0, 0, 1, None]), row("b.png", [None] * 5 + [0])])
    (tmp_path / "d.json").write_text(json.dumps(content))
    labels = [each["label"] for each in read_datalist(tmp_path / "d.json")["training"]]
    assert labels == [SUBDURAL, [0] * 6]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "d.json"
    write_datalist(path, datalist([row()]))
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"training row 1 .*subdural"):
        write_datalist(path, datalist([row(label=[0, 0, 0, 0, 9, 1])]))
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["d.json"]


def test_a_folder_that_does_not_exist_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"cannot be written .*--output"):
        write_datalist(tmp_path / "none" / "d.json", datalist())


def test_a_missing_datalist_names_the_command_that_makes_it(tmp_path):
    with pytest.raises(InputError, match=r"d\.json does not exist; .*python -m scripts\.prepare rsna"):
        read_datalist(tmp_path / "d.json")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"ID,Label\n"])
def test_a_file_that_is_no_json_is_one_sentence(tmp_path, content):
    (tmp_path / "d.json").write_bytes(content)
    with pytest.raises(InputError, match=r"d\.json is no JSON file"):
        read_datalist(tmp_path / "d.json")


def test_a_folder_in_place_of_the_datalist_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"cannot be read .*; give the path of a datalist"):
        read_datalist(tmp_path)


def test_an_invalid_datalist_names_file_row_and_remedy(tmp_path):
    (tmp_path / "d.json").write_text(json.dumps(datalist([row(), {"image": "b.png"}])))
    with pytest.raises(InputError, match=r"d\.json is no valid datalist: training row 2 \(b\.png\): .*add it"):
        read_datalist(tmp_path / "d.json")


def test_skipped_images_are_written_as_csv(tmp_path):
    write_table(tmp_path / "s.csv", ("image", "reason"), [("a.png", "cut, short")])
    assert (tmp_path / "s.csv").read_text() == 'image,reason\na.png,"cut, short"\n'
