import subprocess
import sys

import pytest

from bundle.errors import InputError
from bundle.files import writable_folder


def test_a_folder_is_made_with_those_above_it_and_left_empty(tmp_path):
    folder = writable_folder(str(tmp_path / "a" / "b"))
    assert folder == tmp_path / "a" / "b" and not list(folder.iterdir())
    assert writable_folder(folder) == folder


def test_a_file_in_its_place_is_one_sentence(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(InputError, match=r"cannot write to the folder .*a.*choose another output"):
        writable_folder(tmp_path / "a" / "b")


def test_the_room_is_entered_without_torch():
    code = "import sys, bundle.files; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
