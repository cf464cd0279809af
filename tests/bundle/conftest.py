"""A copy of the bundle with a tiny phantom set, in which the commands of the README are run as they stand."""

import shutil
import subprocess
from pathlib import Path

import pytest

TINY = ("--image_size", "64", "--max_epochs", "2", "--batch_size", "8")


def copy_bundle(root: Path, folder: Path) -> Path:
    """Copy what belongs to the repository, and nothing that earlier runs left in it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        if (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name, follow_symlinks=False)
    return folder


@pytest.fixture(scope="session")
def workspace(root, tmp_path_factory) -> Path:
    return copy_bundle(root, tmp_path_factory.mktemp("bundle") / "brain_hemorrhage_classification")


@pytest.fixture(scope="session")
def phantom(workspace, command) -> Path:
    made = command("scripts.phantom", "data/phantom", "--patients", 10, "--slices", 4, "--size", 96, cwd=workspace)
    assert made.returncode == 0, made.stderr
    prepared = command("scripts.prepare", "rsna", "data/phantom", cwd=workspace)
    assert prepared.returncode == 0, prepared.stderr
    return workspace / "data" / "phantom"


@pytest.fixture(scope="session")
def trained(workspace, phantom, command) -> Path:
    done = command("monai.bundle", "run", "training", "--config_file", "configs/train.json", *TINY, cwd=workspace)
    assert done.returncode == 0, done.stdout + done.stderr
    (workspace / "training.log").write_text(done.stdout + done.stderr)
    return workspace
