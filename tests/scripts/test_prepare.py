import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bundle.datalist import SECTIONS, read_datalist, write_datalist
from bundle.errors import InputError
from scripts import prepare
from tests.datalist.examples import NORMAL, SUBDURAL, datalist, row, save_noise
from tests.sources.test_rsna import write_csv


@pytest.fixture
def dataset(tmp_path):
    for index in range(20):
        save_noise(tmp_path / "images" / f"ID_{index:02d}.png", index)
    labels = {f"ID_{index:02d}": SUBDURAL if index % 4 == 0 else NORMAL for index in range(20)}
    write_csv(tmp_path, labels | {f"ID_absent{index}": NORMAL for index in range(7)})
    return tmp_path


def test_rsna_writes_datalist_and_skipped_and_prints_both(dataset, capsys):
    prepare.rsna(str(dataset))
    content = read_datalist(dataset / "datalist.json")
    assert {section: len(content[section]) for section in SECTIONS} == {"training": 16, "validation": 2, "test": 2}
    assert len((dataset / "datalist.skipped.csv").read_text().splitlines()) == 1 + 7
    printed = capsys.readouterr().out
    assert "20 images name no patient" in printed
    assert "training" in printed and "subdural" in printed
    assert "7 skipped" in printed and "ID_absent0: images has no image of it" in printed and "… and 2 more" in printed
    prepare.check(str(dataset / "datalist.json"), str(dataset), pixels=True)
    assert "is fine" in capsys.readouterr().out


def test_options_reach_the_datalist(dataset):
    output = dataset / "out" / "d.json"
    output.parent.mkdir()
    prepare.rsna(str(dataset), images="images", output=str(output), seed=5, fractions=(0.5, 0.25, 0.25), name="mine")
    content = read_datalist(output)
    assert content["name"] == "mine"
    assert content["provenance"]["seed"] == 5
    assert [len(content[section]) for section in SECTIONS] == [10, 5, 5]
    assert str(dataset) not in output.read_text()
    assert not (dataset / "datalist.json").exists()


def test_image_folder_writes_a_datalist(tmp_path):
    for index in range(12):
        save_noise(tmp_path / ("yes" if index % 2 else "no") / f"{index}.png", index)
    prepare.image_folder(str(tmp_path))
    content = read_datalist(tmp_path / "datalist.json")
    assert content["source"] == "image_folder"
    assert sum(each["label"][-1] for section in SECTIONS for each in content[section]) == 6


@pytest.mark.parametrize(
    ("options", "said"),
    [({"fractions": (0.5, 0.6, 0.1)}, "add up to 1"), ({"output": "none/d.json"}, "choose another file with --output")],
)
def test_wrong_options_are_found_before_the_images_are_read(dataset, monkeypatch, options, said):
    monkeypatch.setattr(prepare, "read_rsna", lambda *_, **__: pytest.fail("read"))
    with pytest.raises(InputError, match=said):
        prepare.rsna(str(dataset), **options)


def test_check_prints_the_rows_and_fails(tmp_path, capsys):
    (tmp_path / "d.json").write_text(json.dumps(datalist([row(label=[3] * 6)])))
    with pytest.raises(InputError, match=r"d\.json has 1 problem"):
        prepare.check(str(tmp_path / "d.json"), str(tmp_path))
    assert "training row 1 (a.png): the label epidural must be 1, 0 or null, got 3" in capsys.readouterr().out
    write_datalist(tmp_path / "d.json", datalist([row()]))
    with pytest.raises(InputError, match="problem"):
        prepare.check(str(tmp_path / "d.json"), str(tmp_path))
    assert "the image a.png is not in" in capsys.readouterr().out


def test_as_a_command_bad_input_is_one_sentence_and_status_1(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "scripts.prepare", "rsna", str(tmp_path), "--fractions", "0.8,0.1,0.1"],
        capture_output=True,
        text=True,
        cwd=Path(prepare.__file__).parents[1],
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"Error: {tmp_path} has no folder stage_2_train or images; name the images' folder in it with --images"
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("folder", "patients"), [("rsna_png", 2500), ("rsna_dicom", 120)])
def test_real_images(tmp_path, folder, patients):
    if "HEAD_CT_DATA" not in os.environ:
        pytest.skip("HEAD_CT_DATA does not name the folder of real images")
    prepare.rsna(str(Path(os.environ["HEAD_CT_DATA"]) / folder), output=str(tmp_path / "d.json"))
    content = read_datalist(tmp_path / "d.json")
    assert sum(each["patients"] for each in content["counts"].values()) >= patients
    assert all(content["counts"][section]["any"] for section in SECTIONS)
