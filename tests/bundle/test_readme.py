"""Every command in a sh block of the README, the model card and two guides is run as it stands.

They have less to do where it would take long.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bundle.conftest import TINY
from tests.conftest import copy_bundle

SHORTER = {
    "make train": ["PHANTOM_ARGS=--patients 10 --slices 3 --size 96", f"TRAIN_ARGS={' '.join(TINY)} --max_epochs 1",
                   "PHANTOM=data/made", "DATASET=data/made", "OUTPUT=output/made", "MODELS=output/made/models"],
    "python -m scripts.phantom": ["--patients", "20", "--slices", "3", "--size", "96"],
    "python -m monai.bundle run training": [*TINY, "--max_epochs", "1"],
    "python -m monai.bundle run evaluate": [*TINY],
    "python -m monai.bundle run --config_file configs/inference.json": ["--image_size", "64"],
    "python -m pip install": ["--dry-run", "--no-index", "--quiet"],
    "tensorboard": ["--inspect"],
}  # fmt: skip
ITSELF = "make test"
DOCUMENTS = ("README.md", "docs/README.md", "docs/packaging.md", "docs/edge.md")


def documented_commands(root):
    """Return the commands in the order of the documents, those that are in two of them once."""
    text = "\n".join((root / name).read_text() for name in DOCUMENTS)
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return list(dict.fromkeys(line for block in blocks for line in block.splitlines() if line))


def test_documented_commands_run(root, tmp_path):
    """They run in one order, as a reader would: a later one needs what an earlier one left."""
    folder = copy_bundle(tmp_path / "brain_hemorrhage_classification")
    commands = documented_commands(root)
    assert "make train" in commands
    assert ITSELF in commands
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONWARNINGS": "ignore:parsing config_file:UserWarning",
    }
    for line in commands:
        if line == ITSELF:
            continue
        more = next((more for start, more in SHORTER.items() if line.startswith(start)), [])
        if line.startswith("make "):
            more = [*more, f"VENV={sys.prefix}", "--assume-old", f"{sys.prefix}/installed"]
        done = subprocess.run(
            [*shlex.split(line), *more], cwd=folder, env=environment, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        if line == "make train":
            for said in ("output/made/evaluation/report.html", "output/made/models/model.pt"):
                assert said in done.stdout
                assert (folder / said).is_file()


@pytest.mark.parametrize(
    "config", ["train", "evaluate", "inference", "task_binary", "task_multilabel", "clinical_features"]
)
def test_every_config_is_in_the_readme(root, config):
    assert f"configs/{config}.json" in (root / "README.md").read_text()


def test_the_guide_to_tensorboard_shows_commands_that_are_run(root):
    block = re.findall(r"^```sh\n(.*?)^```", (root / "docs" / "tensorboard.md").read_text(), re.MULTILINE | re.DOTALL)
    lines = "".join(block).splitlines()
    assert len(lines) == 5
    assert set(lines) <= set(documented_commands(root))
