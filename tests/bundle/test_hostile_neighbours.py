"""What went wrong with other people's inputs, beside one good slice: each costs itself alone, and is named."""

import csv
import os
import resource
import subprocess
import sys
from typing import NamedTuple

import pytest

from tests.bundle import hostile_inputs as inputs
from tests.conftest import ROOT

MAX_MEMORY = 1500 << 20
"""Bytes that an inference may have; the bomb in RLE would take four times as much."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="named pipes, links and limits as Linux has them")


class Run(NamedTuple):
    status: int
    text: str
    slices: dict
    left_out: dict
    failed: dict


@pytest.fixture(scope="module")
def infer():
    """Run an inference on a folder within a limit of memory, and return all that it says."""

    def run(root):
        output = root.with_suffix(".out")
        options = ("--image_size", "64", "--mirrored", "false", "--overlays", "1", "--batch_size", "4")
        arguments = ("--config_file", "configs/inference.json", "--input", root, "--output_dir", output, *options)
        with root.with_suffix(".txt").open("w+") as text:
            child = subprocess.Popen(
                [sys.executable, "-m", "monai.bundle", "run", *arguments],
                cwd=ROOT, stdout=text, stderr=text, env={**os.environ, "OMP_NUM_THREADS": "1"},
            )  # fmt: skip
            resource.prlimit(child.pid, resource.RLIMIT_DATA, (MAX_MEMORY, MAX_MEMORY))
            child.wait(timeout=600)
            text.seek(0)
            said = text.read()
        tables = {name: rows(output / f"{name}.csv") for name in ("slices", "series", "left_out", "failed")}
        drawn = [row["overlay"] for row in tables["slices"] if row["overlay"]]
        assert sorted(drawn) == sorted(f"overlays/{path.name}" for path in (output / "overlays").iterdir())
        assert len(drawn) == len({(row["study"], row["series"], row["part"]) for row in tables["slices"]})
        by_image = {name: {row["image"]: row for row in table} for name, table in tables.items() if name != "series"}
        return Run(child.returncode, said, **by_image)

    return run


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def alone(infer, tmp_path_factory):
    root = tmp_path_factory.mktemp("good") / "tree"
    name = inputs.write_good(root)
    run = infer(root)
    assert run.status == 0, run.text
    return run.slices[name]


def check_good(run, alone):
    """Check that nothing broke, and that the good slice has the value that it has alone."""
    assert "Traceback" not in run.text and "Error" not in run.text, run.text
    good = run.slices[alone["image"]]
    assert {**good, "overlay": ""} == {**alone, "overlay": ""}


def test_what_fails_costs_itself_alone_and_is_named(infer, alone, tmp_path):
    root = tmp_path / "tree"
    inputs.write_good(root)
    expected = inputs.write_damaged(root) | inputs.write_bombs(root) | inputs.write_no_files(root)
    run = infer(root)
    assert run.status == 2, run.text
    check_good(run, alone)
    assert run.slices.keys() == {alone["image"], "cut/1.dcm", "cut/3.dcm", "cut/4.dcm"}
    assert run.failed.keys() == expected.keys()
    for name, part in expected.items():
        reason = run.failed[name]["reason"]
        assert part in reason and "\n" not in reason, name
    assert f"{len(expected)} files failed" in run.text


def test_what_is_no_plain_head_ct_is_left_out_or_referred_and_named(infer, alone, tmp_path):
    root = tmp_path / "tree"
    inputs.write_good(root)
    left_out = inputs.write_left_out(root) | inputs.write_two_kernels(root)
    cautions, odd = inputs.write_cautions(root), inputs.write_odd_names(root)
    run = infer(root)
    assert run.status == 0, run.text
    check_good(run, alone)
    assert run.failed == {}
    assert {name: row["kind"] for name, row in run.left_out.items()} == left_out
    assert all(row["reason"] for row in run.left_out.values())
    slices = run.slices
    soft = {f"kernels/H31s_{index}.dcm" for index in range(3)}
    assert slices.keys() == {alone["image"], *cautions, *odd, *soft}
    for name, kind in cautions.items():
        assert slices[name]["refer"] == "True" and slices[name]["refer_reason"].startswith(kind), slices[name]
    assert {slices[name]["part"] for name in soft} == {"kernel H31s"}
