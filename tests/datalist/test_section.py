import math

import numpy as np
import pytest
import torch
from torch.utils.data import default_collate

from bundle.clinical import category_code
from bundle.datalist import read_mask_values, read_section, write_datalist
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
    with pytest.raises(InputError, match=r"d\.json has no rows in the section 'test'"):
        read_section(path, "test", tmp_path)
    assert read_section(path, "test", tmp_path, may_be_empty=True) == []


def test_an_unknown_section_is_named(path, tmp_path):
    with pytest.raises(InputError, match="training, validation, test, not 'train'"):
        read_section(path, "train", tmp_path)


def test_a_missing_dataset_dir_is_named(path, tmp_path):
    with pytest.raises(InputError, match=r"nowhere is no folder; set dataset_dir"):
        read_section(path, "training", tmp_path / "nowhere")


def test_clinical_features_become_a_vector_that_collates(tmp_path):
    rows = [
        row("a.png", age=61, sex="F", clinical={"gcs": 14}),
        row("b.png", patient="P2", clinical={"history": "none"}),
    ]
    write_datalist(tmp_path / "d.json", datalist(rows))
    assert read_section(tmp_path / "d.json", "training", tmp_path)[0]["clinical"].shape == (0,)
    features = {"numbers": ["age", "gcs"], "categories": ["sex", "history"]}
    batch = default_collate(read_section(tmp_path / "d.json", "training", tmp_path, **features))
    assert batch["clinical"].dtype == torch.float32
    first, second = batch["clinical"].tolist()
    assert first[:3] == [61, 14, category_code("F")] and math.isnan(first[3])
    assert second[3] == category_code("none") and all(map(math.isnan, second[:3]))
    rows[1]["clinical"] = {"gcs": "low"}
    write_datalist(tmp_path / "d.json", datalist(rows))
    with pytest.raises(InputError, match=r"b\.png has a text for the numeric clinical feature 'gcs'"):
        read_section(tmp_path / "d.json", "training", tmp_path, **features)


def test_mask_values_are_read(path, tmp_path):
    assert read_mask_values(path) == {}
    write_datalist(path, {**datalist([row(mask="m.png")]), "mask_values": {"1": "brain", "2": "epidural"}})
    assert read_mask_values(path) == {1: "brain", 2: "epidural"}
