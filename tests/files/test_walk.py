import os
import socket
from pathlib import Path

import pytest

from bundle.files import display_name, walk_files


@pytest.fixture
def tree(tmp_path):
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    for folder in (root / "b", elsewhere):
        folder.mkdir(parents=True)
    for name in ("10.dcm", "9.dcm", ".hidden"):
        (root / name).touch()
    (root / "b" / "1.dcm").touch()
    (elsewhere / "2.dcm").touch()
    return root, elsewhere


def test_natural_order_and_nothing_hidden(tree):
    root, _ = tree
    assert [found.path.relative_to(root).as_posix() for found in walk_files(root)] == ["9.dcm", "10.dcm", "b/1.dcm"]


def test_a_linked_folder_is_followed_once_and_a_loop_ends(tree):
    root, elsewhere = tree
    (root / "linked").symlink_to(elsewhere)
    (root / "again").symlink_to(elsewhere)
    (elsewhere / "loop").symlink_to(root)
    names = [found.path.relative_to(root).as_posix() for found in walk_files(root)]
    assert names == ["9.dcm", "10.dcm", "again/2.dcm", "b/1.dcm"]


def test_what_is_no_file_is_named_and_never_opened(tree, monkeypatch):
    root, _ = tree
    os.mkfifo(root / "pipe")
    (root / "dangling.dcm").symlink_to(root / "nowhere")
    monkeypatch.chdir(root)
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind("socket")
        problems = {found.path.name: found.problem for found in walk_files(root) if found.problem}
    assert set(problems) == {"pipe", "socket", "dangling.dcm"}
    assert "leads nowhere" in problems["dangling.dcm"] and "named pipe" in problems["pipe"]


def test_a_folder_that_cannot_be_read_is_named(tree, monkeypatch):
    root, _ = tree
    listed = Path.iterdir

    def refuse(folder):
        if folder.name == "b":
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    monkeypatch.setattr(Path, "iterdir", refuse)
    found = list(walk_files(root))
    assert (found[-1].path, found[-1].problem) == (root / "b", "cannot be read (Permission denied)")


def test_a_name_that_is_no_utf_8_can_be_written():
    name = display_name(os.fsdecode(b"M\xfcller/\xc3\xa4.dcm"))
    assert name == "M\\xfcller/ä.dcm" and name.encode("utf-8")
