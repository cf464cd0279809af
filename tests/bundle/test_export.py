"""The shipped weights, exported and run through MONAI's engine, say what they say as they are."""

import csv
import json

import numpy as np
import pytest

from bundle.phantom import Manifest, write_phantoms
from tests.conftest import ROOT

CONFIGS = "['configs/inference.json','configs/inference_onnx.json']"
SAME = ("image", "sop", "position", "study", "series", "hemorrhage", "action", "most_suspicious_sop")
TABLES = {"slices.csv", "series.csv", "left_out.csv", "failed.csv", "results.json"}


@pytest.fixture(scope="module")
def phantoms(command, tmp_path_factory):
    folder = tmp_path_factory.mktemp("phantoms")
    done = command("scripts.phantom", folder, "--patients", 3, "--slices", 4, "--size", 128)
    assert done.returncode == 0, done.stderr
    return folder / "stage_2_train"


@pytest.fixture(scope="module")
def exported(command, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    done = command("scripts.export", folder)
    assert done.returncode == 0, done.stderr
    assert "fp32: differs from PyTorch by" in done.stdout and "without int8, which needs --dataset_dir" in done.stdout
    assert "Warning" not in done.stdout + done.stderr
    return folder


def slices(folder):
    with (folder / "slices.csv").open() as file:
        return list(csv.DictReader(file))


def test_the_exported_files_give_the_results_of_the_weights(command, exported, phantoms, tmp_path):
    common = ("--input", phantoms, "--page_heads", 0)
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    onnx = command(
        "monai.bundle", "run", "--config_file", CONFIGS, "--export_dir", exported, "--output_dir", tmp_path / "onnx",
        *common, **cache,
    )  # fmt: skip
    assert onnx.returncode == 0, onnx.stdout + onnx.stderr
    assert "no head is routine" not in onnx.stdout, "calibrations are those of the checkpoint"
    torch = command(
        "monai.bundle", "run", "--config_file", "configs/inference.json", "--output_dir", tmp_path / "torch", *common
    )
    assert torch.returncode == 0, torch.stdout + torch.stderr
    for folder in ("onnx", "torch"):
        assert {path.name for path in (tmp_path / folder).iterdir()} >= TABLES
    one, other = (slices(tmp_path / folder) for folder in ("onnx", "torch"))
    assert one[0].keys() == other[0].keys() and len(one) == len(other) == 12
    for a, b in zip(one, other, strict=True):
        assert [a[name] for name in ("image", "sop", "position")] == [b[name] for name in ("image", "sop", "position")]
        names = [name for name in a if name.startswith("p_")]
        np.testing.assert_allclose([float(a[name]) for name in names], [float(b[name]) for name in names], atol=1e-4)
    keys = [json.loads((tmp_path / folder / "results.json").read_text()).keys() for folder in ("onnx", "torch")]
    assert keys[0] == keys[1]


def test_predict_gives_the_same_results_by_exported_files(command, exported, phantoms, tmp_path):
    """The slices are resampled by Pillow, so that a level of grey may differ by one; thin ones are slabs to both."""
    write_phantoms(tmp_path / "thin", Manifest(patients=1, slices=64, size=96))
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    found = {}
    for runtime, options in (("fp32", ("--export_dir", exported)), ("torch", ())):
        done = command(
            "scripts.predict", phantoms, tmp_path / "thin", "--runtime", runtime, *options,
            "--output", tmp_path / runtime, "--overlays", 1, "--head_threshold", 0.3, **cache,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert f"runtime: {runtime} (" in done.stdout
        found[runtime] = json.loads((tmp_path / runtime / "results.json").read_text())
    files = [sorted(path.name for path in (tmp_path / runtime).rglob("*")) for runtime in found]
    assert len(files[0]) == len(files[1])
    # Slices of a slab are so alike that rounding decides which of them is the highest.
    files = [[name for name in each if "thin" not in name] for each in files]
    assert files[0] == files[1], "tables, page and overlays of the same slices"
    one, other = found["fp32"], found["torch"]
    thin = max(one["series"], key=lambda series: series["slices"])
    assert one.keys() == other.keys() and (one["runtime"], other["runtime"]) == ("fp32", "torch")
    for kind, numbers in (("slices", 12 + 64), ("series", 3 + 1)):
        assert len(one[kind]) == len(other[kind]) == numbers
        for a, b in zip(one[kind], other[kind], strict=True):
            loose = {"overlay", "most_suspicious_sop"} if a["series"] == thin["series"] else set()
            assert a.keys() ^ b.keys() <= loose
            same = [name for name in SAME if name in a.keys() - loose]
            assert [a[name] for name in same] == [b[name] for name in same]
            names = [name for name in a if name.startswith("p_")]
            # The mean of a slab is no whole number of HU, so that more levels of grey are rounded.
            most = 1e-2 if a["series"] == thin["series"] else 1e-3
            np.testing.assert_allclose([a[name] for name in names], [b[name] for name in names], atol=most)


def test_the_small_network_is_exported_and_scores(command, phantoms, tmp_path):
    done = command("scripts.export", tmp_path / "edge", "--model", "edge")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "edge" / "classifier.onnx").stat().st_size < 20e6
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    for name, options in (("fp32", ("--export_dir", tmp_path / "edge")), ("torch", ("--model", "edge"))):
        done = command("scripts.predict", phantoms, *options, "--output", tmp_path / name, "--page_heads", 0, **cache)
        assert done.returncode == 0, done.stderr
    one, other = (slices(tmp_path / name) for name in ("fp32", "torch"))
    assert [a["image"] for a in one] == [b["image"] for b in other] and len(one) == 12
    np.testing.assert_allclose([float(a["p_any"]) for a in one], [float(b["p_any"]) for b in other], atol=1e-3)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--model", "edg"], "there is no model 'edg'; did you mean edge?"),
        (["--checkpoint", "absent.pt"], "Error: absent.pt does not exist"),
        (["--image_sice", "96"], "have no key 'image_sice'; did you mean image_size"),
        (["--clinical_numbers", "[age]"], "exported files take no clinical features"),
        (["--dataset_dir", "absent"], "absent/datalist.json"),
    ],
)
def test_bad_input_is_one_sentence(command, tmp_path, options, sentence):
    done = command("scripts.export", tmp_path / "out", *options, cwd=ROOT)
    assert done.returncode == 1
    assert sentence in done.stderr and "Traceback" not in done.stderr
    assert not list((tmp_path / "out").glob("*"))
