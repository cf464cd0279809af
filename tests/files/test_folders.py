import subprocess
import sys

import pytest

from bundle.errors import InputError
from bundle.files import require_folder, writable_folder


def test_a_folder_is_made_with_those_above_it_and_left_empty(tmp_path):
    folder = writable_folder(str(tmp_path / "a" / "b"))
    assert folder == tmp_path / "a" / "b" and not list(folder.iterdir())
    assert writable_folder(folder) == folder


def test_a_file_in_its_place_is_one_sentence(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(InputError, match=r"a.* cannot be written to .*; choose another output"):
        writable_folder(tmp_path / "a" / "b")


def test_a_folder_must_be_there(tmp_path):
    assert require_folder(str(tmp_path), "give another") == tmp_path
    (tmp_path / "a").write_text("")
    for name in ("a", "none"):
        with pytest.raises(InputError, match=f"{name} is no folder; give another"):
            require_folder(tmp_path / name, "give another")


def test_the_room_is_entered_without_torch():
    code = "import sys, bundle.files; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
