import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.phantom import main

Command = Callable[..., subprocess.CompletedProcess]


def test_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(str(tmp_path / "set"), patients=2, slices=2, size=32, processes=1)
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("2 patients (")
    assert out[0].endswith(f"4 slices in {tmp_path / 'set'}")
    assert [line.split()[0] for line in out[1:]] == [
        "epidural",
        "intraparenchymal",
        "intraventricular",
        "subarachnoid",
        "subdural",
        "any",
    ]


def test_bad_contrast_is_one_sentence(command: Command, tmp_path: Path) -> None:
    done = command("scripts.phantom", tmp_path / "set", "--contrast", "PET")
    assert done.returncode == 1
    assert done.stderr.strip() == "Error: there is no contrast 'PET'; choose from CT, T1, T2star"
    assert not (tmp_path / "set").exists()
