"""Every command that the README shows in a sh block is run as it stands, with less to do where it would take long."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bundle.conftest import TINY, copy_bundle

SHORTER = {
    "make train": ["PHANTOM_ARGS=--patients 10 --slices 3 --size 96", f"TRAIN_ARGS={' '.join(TINY)} --max_epochs 1",
                   "PHANTOM=data/made", "DATASET=data/made", "OUTPUT=made/output", "MODELS=made/models"],
    "python -m scripts.phantom": ["--patients", "10", "--slices", "4", "--size", "96"],
    "python -m monai.bundle run training": [*TINY, "--max_epochs", "1"],
    "python -m monai.bundle run evaluate": [*TINY],
    "python -m monai.bundle run --config_file configs/inference.json": ["--image_size", "64"],
    "tensorboard": ["--inspect"],
}  # fmt: skip
ITSELF = "make test"


def readme_commands(root):
    blocks = re.findall(r"^```sh\n(.*?)^```", (root / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


def test_readme_commands_run(root, tmp_path):
    """They run in one order, as a reader would: a later one needs what an earlier one left."""
    folder = copy_bundle(root, tmp_path / "brain_hemorrhage_classification")
    commands = readme_commands(root)
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
        if line == "make train":
            more = [*more, f"VENV={sys.prefix}", "--assume-old", f"{sys.prefix}/installed"]
        done = subprocess.run(
            [*shlex.split(line), *more], cwd=folder, env=environment, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        if line == "make train":
            for said in ("made/output/evaluation/report.html", "made/models/model.pt"):
                assert said in done.stdout
                assert (folder / said).is_file()


@pytest.mark.parametrize(
    "config", ["train", "evaluate", "inference", "task_binary", "task_multilabel", "clinical_features"]
)
def test_every_config_is_in_the_readme(root, config):
    assert f"configs/{config}.json" in (root / "README.md").read_text()
