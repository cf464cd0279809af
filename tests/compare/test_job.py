import subprocess
import sys

import pytest

from bundle.compare.folder import RunFolder
from bundle.compare.job import main
from bundle.errors import InputError

HOLD = """
import fcntl, sys
with open(sys.argv[1], "w") as lock:
    fcntl.lockf(lock, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_processes_do_not_make_one_run(tmp_path):
    RunFolder(tmp_path, {"seed": 0})
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path / ".lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(InputError, match="another process is making the run"):
            main(tmp_path, {}, [])
        other.stdin.close()


def test_a_folder_keeps_what_its_run_was_made_of(tmp_path):
    recipe = {"seed": 0, "settings": {"max_epochs": 4}, "config": {"windows": [[40, 80]]}}
    folder = RunFolder(tmp_path / "run", recipe)
    assert folder.done == []
    assert not folder.complete
    folder.mark("training")
    folder.mark("evaluate")
    assert RunFolder(tmp_path / "run", recipe).complete
    with pytest.raises(InputError, match=r"config windows \[\[40, 80\]\], where now it is \[\[50, 80\]\]"):
        RunFolder(tmp_path / "run", {**recipe, "config": {"windows": [[50, 80]]}})
    with pytest.raises(InputError, match="settings batch_size None, where now it is 8"):
        RunFolder(tmp_path / "run", {**recipe, "settings": {"max_epochs": 4, "batch_size": 8}})
    (tmp_path / "run" / "recipe.json").write_text("{")
    with pytest.raises(InputError, match="is damaged"):
        RunFolder(tmp_path / "run", recipe)
