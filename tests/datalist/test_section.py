import math

import numpy as np
import pytest
from torch.utils.data import default_collate

from bundle.datalist import read_section, write_datalist
from bundle.errors import InputError
from tests.datalist.examples import BLEED, SUBDURAL, datalist, row


@pytest.fixture
def path(tmp_path):
    rows = [row("x/a.png", SUBDURAL, study="s", age=61, mask="m/a.png"), row("x/b.png", BLEED, "P2", position=2.5)]
    rows[1]["study_label"] = BLEED
    write_datalist(tmp_path / "d.json", datalist(rows, [row("v.nii", patient="P3", slice=2)]))
    return tmp_path / "d.json"


def test_rows_have_absolute_paths_and_float_labels(path, tmp_path):
    first, second = read_section(path, "training", tmp_path)
    assert first["image"] == str(tmp_path.resolve() / "x" / "a.png")
    assert first["label"].dtype == np.float32
    assert first["label"].tolist() == [0, 0, 0, 0, 1, 1]
    assert second["label"].tolist() == [-1, -1, -1, -1, -1, 1]
    assert (first["study"], first["age"], second["study"], second["position"]) == ("s", 61.0, "", 2.5)
    assert math.isnan(second["age"])
    assert "slice" not in first
    assert (first["mask"], second["mask"]) == (str(tmp_path.resolve() / "m" / "a.png"), "")
    assert first["study_label"].tolist() == [-1] * 6
    assert second["study_label"].tolist() == [-1, -1, -1, -1, -1, 1]


def test_a_batch_of_rows_collates(path, tmp_path):
    batch = default_collate(read_section(path, "training", tmp_path))
    assert batch["label"].shape == (2, 6)
    assert batch["patient"] == ["P1", "P2"]


def test_slices_of_volumes_keep_their_index(path, tmp_path):
    assert read_section(str(path), "validation", str(tmp_path))[0]["slice"] == 2


def test_an_empty_section_is_named(path, tmp_path):
    with pytest.raises(InputError, match=r"section 'test' of .*d\.json has no rows"):
        read_section(path, "test", tmp_path)
    assert read_section(path, "test", tmp_path, may_be_empty=True) == []


def test_an_unknown_section_is_named(path, tmp_path):
    with pytest.raises(InputError, match="training, validation, test, not 'train'"):
        read_section(path, "train", tmp_path)


def test_a_missing_dataset_dir_is_named(path, tmp_path):
    with pytest.raises(InputError, match=r"dataset_dir '.*nowhere' is no folder"):
        read_section(path, "training", tmp_path / "nowhere")
