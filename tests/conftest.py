import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def copy_bundle(folder: Path) -> Path:
    """Copy what belongs to the repository, and nothing that earlier runs left in it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    return folder


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def checkout(tmp_path_factory) -> Path:
    """A clean copy of the repository, to read from."""
    return copy_bundle(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="session")
def command() -> Callable[..., subprocess.CompletedProcess]:
    """Run ``python -m MODULE ARGUMENTS…`` as a user would, and return what it printed and its exit status."""

    def run(*arguments: object, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", *map(str, arguments)],
            cwd=cwd,
            env={
                **os.environ,
                "OMP_NUM_THREADS": "1",
                "PYTHONWARNINGS": "ignore:parsing config_file:UserWarning",
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=600,
        )

    return run


@pytest.fixture(scope="session")
def head_ct_data() -> Path:
    """Folder of real head images, for the tests that can use them."""
    folder = os.environ.get("HEAD_CT_DATA")
    if not folder:
        pytest.skip("HEAD_CT_DATA names no folder of real head images")
    return Path(folder)
