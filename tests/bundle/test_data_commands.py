"""Every command that docs/data.md shows in a sh block is run as it stands, on generated copies of the true layouts."""

import re
import runpy
import shlex
import sys

import pytest

from bundle.datalist import SECTIONS, read_datalist
from tests.datalist.examples import NORMAL, SUBDURAL, save_noise
from tests.sources.cq500_layout import write_cq500, write_series
from tests.sources.ct_ich_layout import write_volumes
from tests.sources.masks_layout import DEPTH, square_mask, write_bhsd, write_instance
from tests.sources.nifti_examples import numbered_ct, write_nifti
from tests.sources.table_layout import write_table
from tests.sources.test_rsna import write_csv


def read_commands(root):
    blocks = re.findall(r"^```sh\n(.*?)^```", (root / "docs" / "data.md").read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def write_masks(root):
    for number in range(3):
        write_nifti(root / "imagesTr" / f"{number}_0000.nii.gz", numbered_ct(DEPTH, number))
        write_nifti(root / "labelsTr" / f"{number}.nii.gz", square_mask(1 + number % 2, 1))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    data = folder / "data"
    for seed in range(6):
        save_noise(data / "rsna" / "images" / f"ID_{seed:09d}.png", seed)
        save_noise(data / "folders" / ("normal" if seed % 2 else "hemorrhage") / f"P{seed}" / "1.png", 10 + seed)
    write_csv(data / "rsna", {f"ID_{seed:09d}": SUBDURAL if seed % 2 else NORMAL for seed in range(6)})
    write_volumes(data / "ct_ich")
    write_cq500(data / "cq500", scans=3)
    write_table(data / "table")
    write_table(data / "table", "image\tdiagnosis\na/1.png\tSDH\nb/1.png\tnormal\nc/1.png\tEDH+SDH\n", "classes.tsv")
    heads = [write_series(data / "heads", number, "CT") for number in range(4)]
    lines = [f"{head.relative_to(data / 'heads')},{number % 2}" for number, head in enumerate(heads)]
    (data / "heads" / "heads.csv").write_text("\n".join(["image,ICH", *lines]))
    write_bhsd(data / "bhsd")
    write_instance(data / "instance")
    write_masks(data / "masks")
    return folder


def test_every_source_has_a_command(root):
    sources = re.findall(r"^## (\w+)$", (root / "docs" / "data.md").read_text(), re.MULTILINE)
    assert sources == ["rsna", "ct_ich", "cq500", "image_folder", "table", "heads", "segmentation_masks", "prepared"]
    commands = " ".join(read_commands(root))
    assert all(f"scripts.prepare {source} " in commands for source in sources)


def test_commands_run_and_their_datalists_are_sound(root, data, monkeypatch, capsys):
    """They run in one order, as a reader would: the last checks what the first left."""
    monkeypatch.chdir(data)
    monkeypatch.delitem(sys.modules, "scripts.prepare", raising=False)  # so that it can be run as a command
    for line in read_commands(root):
        python, module, name, *arguments = shlex.split(line)
        assert (python, module, name) == ("python", "-m", "scripts.prepare")
        monkeypatch.setattr(sys, "argv", [name, *arguments])
        runpy.run_module(name, run_name="__main__")
        printed = capsys.readouterr().out
        if arguments[0] == "check":
            assert "is fine." in printed
            continue
        folder = data / arguments[1]
        if "--folds" in arguments:
            assert sorted(file.name for file in folder.glob("*_fold?.json")) == [
                f"datalist_fold{fold}.json" for fold in range(3)
            ]
            continue
        assert f"wrote {arguments[1]}/datalist.json" in printed
        content = read_datalist(folder / "datalist.json")
        rows = [row for section in SECTIONS for row in content[section]]
        assert content["source"] == arguments[0]
        assert rows and str(data) not in (folder / "datalist.json").read_text()
        label = "study_label" if arguments[0] in ("cq500", "heads") else "label"
        assert any(row[label][-1] == 1 for row in rows)
