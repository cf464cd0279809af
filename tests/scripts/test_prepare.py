import functools
import inspect
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest

from bundle.datalist import SECTIONS, build, read_datalist, read_pixels, write_datalist
from bundle.datalist.seen import Seen
from bundle.errors import InputError
from bundle.phantom import Manifest, write_phantoms
from bundle.readers import HeadImageReader
from bundle.sources import rsna
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
    assert not (dataset / "datalist.leaks.csv").exists()
    printed = capsys.readouterr().out
    assert "20 images have no patient" in printed
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
    assert content["provenance"]["options"] == {"images": "images"}
    assert [len(content[section]) for section in SECTIONS] == [10, 5, 5]
    assert str(dataset) not in output.read_text()
    assert not (dataset / "datalist.json").exists()
    assert sorted(file.name for file in output.parent.iterdir()) == ["d.json", "d.skipped.csv"]


def test_no_option_leaves_a_path_of_this_machine_in_the_datalist(dataset):
    prepare.rsna(str(dataset), images=str(dataset / "images"))
    assert read_datalist(dataset / "datalist.json")["provenance"]["options"] == {"images": "images"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_no_utf_8_is_skipped_and_named(tmp_path, capsys):
    for seed, name in enumerate(("yes/1.png", "no/2.png", os.fsdecode(b"no/M\xfcller.png"), "no/3.png")):
        save_noise(tmp_path / name, seed)
    prepare.image_folder(str(tmp_path), fractions=(0.4, 0.3, 0.3))
    name, reason = "no/M\\xfcller.png", "has a name that is no UTF-8, as a datalist is; rename it"
    assert f"{name}: {reason}" in capsys.readouterr().out
    assert (tmp_path / "datalist.skipped.csv").read_text(encoding="utf-8").splitlines()[1] == f'{name},"{reason}"'
    assert "ller" not in (tmp_path / "datalist.json").read_text(encoding="utf-8")


def test_folds_are_files_of_their_own(dataset, capsys):
    prepare.rsna(str(dataset), folds=3, fractions=(0.8, 0.1, 0.1))
    contents = [read_datalist(dataset / f"datalist_fold{fold}.json") for fold in range(3)]
    assert not (dataset / "datalist.json").exists()
    assert [len(content["validation"]) for content in contents] == [6, 6, 6]
    assert [[each["label"][-1] for each in content["validation"]].count(1) for content in contents] in (
        [2, 1, 1], [1, 2, 1], [1, 1, 2],
    )  # fmt: skip
    assert all(content["test"] == contents[0]["test"] and len(content["test"]) == 2 for content in contents)
    table = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["fold", "2", "6", "6"] in [line[:4] for line in table] and ["total", "20", "20"] in [
        line[:3] for line in table
    ]


def test_where_all_are_skipped_each_reason_is_listed_all_the_same(tmp_path, capsys):
    (tmp_path / "head").mkdir()
    (tmp_path / "t.csv").write_text("image,any\nhead,1\nabsent.png,0\n")
    with pytest.raises(InputError, match=r"no usable image of 2, the first being head: is a folder;.* see why"):
        prepare.table(str(tmp_path), str(tmp_path / "t.csv"))
    listed = (tmp_path / "datalist.skipped.csv").read_text().splitlines()
    assert listed[1] == "head,is a folder; give each image in it by itself" and len(listed) == 3
    assert f"2 skipped, all listed in {tmp_path / 'datalist.skipped.csv'}" in capsys.readouterr().out
    assert not (tmp_path / "datalist.json").exists()


@pytest.fixture
def leaking(tmp_path):
    """Twelve patients of one image each in a folder of their own, each image nearly the same as another's."""
    for index in range(12):
        for patient, shift in ((f"A{index}", 0), (f"B{index}", 5)):
            save_noise(tmp_path / ("yes" if index % 2 else "no") / patient / "1.png", index, shift=shift)
    return tmp_path


def test_leaks_are_refused_and_listed(leaking):
    with pytest.raises(InputError, match=r"pairs of images show the same slice in two sections, as .*A\d.* --leakage"):
        prepare.image_folder(str(leaking))
    header, first, *_ = (leaking / "datalist.leaks.csv").read_text().splitlines()
    assert header == "section,patient,image,other_section,other_patient,other_image,correlation"
    image, other = (first.split(",")[column].split("/") for column in (2, 5))
    assert image[0] == other[0] and image[1][1:] == other[1][1:]
    assert not (leaking / "datalist.json").exists()


def test_leaks_can_be_allowed_or_the_patients_joined(leaking, capsys):
    prepare.image_folder(str(leaking), leakage="allow")
    provenance = read_datalist(leaking / "datalist.json")["provenance"]
    assert provenance["leakage"] == "allow" and provenance["leaks"] > 0
    assert "allowed by --leakage" in capsys.readouterr().out
    prepare.image_folder(str(leaking), leakage="join")
    provenance = read_datalist(leaking / "datalist.json")["provenance"]
    assert (provenance["leakage"], provenance["leaks"]) == ("join", 0)
    assert "24 patients share images or a series with another patient" in capsys.readouterr().out
    assert not (leaking / "datalist.leaks.csv").exists()


def test_the_table_of_folds_has_a_line_for_what_all_of_them_train_on(leaking, monkeypatch, capsys):
    monkeypatch.setattr(build, "read_seen", lambda: Seen(frozenset(["1"]), np.zeros((0, 256), dtype=np.int8)))
    with pytest.raises(InputError, match=r"0 patients .* beside those that the included weights were trained on"):
        prepare.image_folder(str(leaking), folds=2, leakage="join")
    for index in range(1, 6):
        folder = leaking / ("yes" if index % 2 else "no") / f"A{index}"
        shutil.move(folder / "1.png", folder / "first.png")
        shutil.move(folder.with_name(f"B{index}") / "1.png", folder.with_name(f"B{index}") / "first.png")
    prepare.image_folder(str(leaking), folds=2, leakage="join")
    lines = {line.split()[0]: line.split() for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert lines["training"][2] == "14" and lines["total"][2] == "24"


def test_where_seen_slices_go_is_one_of_two(leaking):
    with pytest.raises(InputError, match="the seen 'test' must be one of training, anywhere"):
        prepare.image_folder(str(leaking), seen="test")


def test_a_refused_run_is_not_repeated_from_the_start(leaking, monkeypatch):
    with pytest.raises(InputError):
        prepare.image_folder(str(leaking))
    monkeypatch.setattr(HeadImageReader, "get_data", lambda *_: pytest.fail("read again"))
    prepare.image_folder(str(leaking), leakage="allow")
    assert not (leaking / "datalist.resume.jsonl").exists()


KILLED = """
import os, signal, sys
from bundle.parallel.journal import Journal
from scripts import prepare

append, appended = Journal.append, []

def cut(journal, key, value):
    appended.append(key)
    if len(appended) == 17:
        os.write(journal._writer.fileno(), b'["half a li')
        os.kill(os.getpid(), signal.SIGKILL)
    append(journal, key, value)

Journal.append = cut
prepare.rsna(sys.argv[1])
"""


def test_killed_and_started_again_it_reads_only_the_rest_and_gives_the_same_bytes(tmp_path, monkeypatch, capsys, root):
    """Of 24 results, 12 headers and 12 images, 16 are whole when the process is killed while it writes the next."""
    write_phantoms(tmp_path / "killed", Manifest(patients=6, slices=2, size=64), processes=1)
    shutil.copytree(tmp_path / "killed", tmp_path / "whole")
    prepare.rsna(str(tmp_path / "whole"))
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "killed")], cwd=root)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "killed" / "datalist.json").exists()
    read = []

    def counted(function):
        @functools.wraps(function)
        def call(file):
            read.append(function.__name__)
            return function(file)

        return call

    monkeypatch.setattr(rsna, "read_header", counted(rsna.read_header))
    monkeypatch.setattr(read_pixels, "read_fingerprints", counted(read_pixels.read_fingerprints))
    prepare.rsna(str(tmp_path / "killed"))
    assert read == ["read_fingerprints"] * 8
    assert "continuing an interrupted run" in capsys.readouterr().out
    for name in ("datalist.json", "datalist.skipped.csv"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    killed, whole = ({file.name for file in (tmp_path / name).iterdir()} for name in ("killed", "whole"))
    assert killed == whole


@pytest.mark.parametrize("command", ["rsna", "image_folder", "ct_ich", "cq500", "table", "heads", "segmentation_masks"])
def test_the_help_of_every_source_has_its_own_options_and_those_of_all(command):
    parameters = inspect.signature(getattr(prepare, command)).parameters
    shared = ["output", "seed", "fractions", "folds", "name", "leakage", "seen"]
    assert list(parameters)[-7:] == shared
    said = inspect.getdoc(getattr(prepare, command))
    assert all(f"\n    {name}: " in said for name in parameters)


def test_image_folder_writes_a_datalist(tmp_path):
    for index in range(12):
        save_noise(tmp_path / ("yes" if index % 2 else "no") / f"{index}.png", index)
    prepare.image_folder(str(tmp_path))
    content = read_datalist(tmp_path / "datalist.json")
    assert content["source"] == "image_folder"
    assert sum(each["label"][-1] for section in SECTIONS for each in content[section]) == 6


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"fractions": (0.5, 0.6, 0.1)}, "add up to 1"),
        ({"folds": 1}, "whole number from 2"),
        ({"folds": 3, "fractions": (0, 0, 1)}, "nothing for folds"),
        ({"seed": -1}, "the seed -1"),
        ({"leakage": "no"}, "must be one of refuse, allow, join, skip"),
        ({"output": "none/d.json"}, "choose another file with --output"),
    ],
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
    assert "training row 1 (a.png): there is no such file in" in capsys.readouterr().out


def test_check_counts_what_is_no_unenhanced_head_ct(tmp_path, capsys):
    write_phantoms(tmp_path, Manifest(patients=9, slices=3, size=64), processes=1)
    prepare.rsna(str(tmp_path))
    files = sorted((tmp_path / "stage_2_train").iterdir())
    path = tmp_path / "datalist.json"
    for file, (name, value) in zip(
        files, [("SeriesDescription", "C+ head"), ("BodyPartExamined", "CHEST")] * 2, strict=False
    ):
        dataset = pydicom.dcmread(file)
        setattr(dataset, name, value)
        dataset.save_as(file)
    before = path.read_bytes()
    for pixels in (True, False):
        capsys.readouterr()
        prepare.check(str(path), str(tmp_path), pixels)
        said = "4 rows are no axial, unenhanced head CT (2 contrast, 2 not a head)"
        assert (said in capsys.readouterr().out) == pixels
    assert path.read_bytes() == before


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


def test_the_command_and_each_process_that_reads_headers_start_without_monai(root):
    loaded = "import scripts.prepare, sys; print({'monai', 'torch'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", loaded], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(("folder", "patients"), [("rsna_png", 2500), ("rsna_dicom", 120)])
def test_real_images(tmp_path, folder, patients):
    if "HEAD_CT_DATA" not in os.environ:
        pytest.skip("HEAD_CT_DATA does not name the folder of real images")
    prepare.rsna(str(Path(os.environ["HEAD_CT_DATA"]) / folder), output=str(tmp_path / "d.json"))
    content = read_datalist(tmp_path / "d.json")
    assert sum(each["patients"] for each in content["counts"].values()) >= patients
    assert all(content["counts"][section]["any"] for section in SECTIONS)
