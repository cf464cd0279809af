"""The packed bundle, unzipped, with a tiny phantom set: what is run here is what a person gets."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from bundle.packaging import NAME, build_package

TINY = ("--image_size", "64", "--max_epochs", "2", "--batch_size", "8")


@pytest.fixture(scope="session")
def package(checkout, tmp_path_factory) -> Path:
    """The archive."""
    return build_package(checkout, tmp_path_factory.mktemp("package")).path


@pytest.fixture(scope="session")
def workspace(package, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    with ZipFile(package) as archive:
        archive.extractall(folder)
    return folder / NAME


@pytest.fixture(scope="session")
def phantom(workspace, command) -> Path:
    made = command("scripts.phantom", "data/phantom", "--patients", 10, "--slices", 4, "--size", 96, cwd=workspace)
    assert made.returncode == 0, made.stderr
    prepared = command("scripts.prepare", "rsna", "data/phantom", cwd=workspace)
    assert prepared.returncode == 0, prepared.stderr
    return workspace / "data" / "phantom"


@pytest.fixture(scope="session")
def trained(workspace, phantom, command) -> Path:
    train = ("monai.bundle", "run", "training", "--config_file", "configs/train.json")
    done = command(*train, *TINY, "--ckpt_dir", "models", cwd=workspace)
    assert done.returncode == 0, done.stdout + done.stderr
    (workspace / "training.log").write_text(done.stdout + done.stderr)
    return workspace
