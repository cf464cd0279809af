import json

import pytest
from lib.labelled import LEAST, collect_labelled
from lib.settings import read_settings

from bundle.errors import InputError


def save(folder, *contents):
    (folder / "labels").mkdir()
    entries = []
    for number, content in enumerate(contents):
        label = folder / "labels" / f"{number}.json"
        label.write_text(content if isinstance(content, str) else json.dumps(content))
        entries.append({"image": str(folder / f"{number}.png"), "label": str(label)})
    return entries


ENOUGH = [{"any": 0}, {"subdural": 1}] * LEAST


def test_a_label_is_a_row(tmp_path):
    rows = collect_labelled(save(tmp_path, *ENOUGH, {"any": 1, "epidural": None, "patient": 7}), tmp_path).rows
    assert rows[0] == {"image": "0.png", "label": [0] * 6}
    assert rows[1] == {"image": "1.png", "label": [None, None, None, None, 1, 1]}
    assert rows[-1] == {"image": "10.png", "patient": "7", "label": [None] * 5 + [1]}


def test_slices_of_a_volume_are_rows(tmp_path):
    volume = {"slices": {"3": {"any": 0}, "12": {"subdural": 1}}}
    rows = collect_labelled(save(tmp_path, *ENOUGH, volume), tmp_path).rows
    assert [(row["image"], row["slice"]) for row in rows[-3:]] == [("9.png", 0), ("10.png", 3), ("10.png", 12)]


def test_too_few_are_refused(tmp_path):
    entries = save(tmp_path, *ENOUGH)
    assert len(collect_labelled(entries, tmp_path).rows) == 2 * LEAST
    with pytest.raises(
        InputError, match="4 labelled slices have a hemorrhage and 5 have none; label at least 5 of each"
    ):
        collect_labelled(entries[:-1], tmp_path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("no json", "is no JSON"),
        ("[]", "has the label {}"),
        ({"bleed": 1}, "give 1, 0 or null for any of epidural"),
        ({"any": 2}, "must be 1, 0 or null, got 2"),
        ({"any": 0, "subdural": 1}, "the subtypes say 1"),
        ({"slices": {"first": {"any": 0}}}, "name each by its index"),
        ({"slices": {"1": 1}}, "has the label 1"),
    ],
)
def test_a_wrong_label_is_named(tmp_path, content, sentence):
    with pytest.raises(InputError, match=sentence):
        collect_labelled(save(tmp_path, content), tmp_path)


def test_settings_are_keys_of_the_config(root):
    conf = {"image_size": "96", "task": "binary", "windows": "[[40, 80]]", "preload": "true"}
    assert read_settings(root, conf) == {"image_size": 96, "task": "binary", "windows": [[40, 80]]}
