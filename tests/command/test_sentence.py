import errno
import os
import subprocess
import sys

import pytest

from bundle.command import exit_with, find_failure, run_command
from bundle.errors import InputError


def test_a_command_ends_bad_input_with_one_sentence(monkeypatch, capsys):
    def refuse():
        raise InputError("no such folder; make it")

    monkeypatch.setattr("sys.argv", ["prepare"])
    with pytest.raises(SystemExit) as ended:
        run_command(refuse)
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said == "Error: no such folder; make it\n"
    assert find_failure(f"epoch 1\n{said}\n") == "no such folder; make it"


def test_the_failure_of_a_traceback_is_the_exception_that_caused_the_others():
    output = """epoch 1
Traceback (most recent call last):
  File "a.py", line 1, in forward
torch.OutOfMemoryError: CUDA out of memory.

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "b.py", line 2, in run
RuntimeError: Failed to evaluate ConfigExpression:
"$__local_refs['train::trainer'].run()"
"""
    assert find_failure(output) == "torch.OutOfMemoryError: CUDA out of memory."


def test_a_full_disk_ends_a_command_with_a_sentence(monkeypatch, capsys):
    def fill():
        try:
            raise OSError(errno.ENOSPC, "No space left on device", "out/models/last.pt")
        finally:
            raise RuntimeError("[enforce fail at inline_container.cc:672]")  # as torch.save does

    monkeypatch.setattr("sys.argv", ["prepare"])
    with pytest.raises(SystemExit) as ended:
        run_command(fill)
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith(
        "Error: the disk of out/models/last.pt is full; make room and start again"
    )


def test_a_command_that_printed_nothing_names_no_failure():
    assert find_failure(" \n") == ""


def test_a_command_does_not_hide_a_mistake_of_its_own(monkeypatch):
    def fail():
        raise KeyError("bug")

    monkeypatch.setattr("sys.argv", ["prepare"])
    with pytest.raises(KeyError):
        run_command(fail)


@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        (None, ["data", "--help"], "Do harm"),
        (None, ["-h"], "Do harm"),
        ("rsna", ["rsna", "data", "--help"], "Do harm"),
        ("rsna", ["--help"], "rsna"),
    ],
)
def test_asked_for_help_a_command_does_nothing_else(monkeypatch, capsys, command, arguments, said):
    def harm(folder="here", **more):
        """Do harm."""
        raise AssertionError("it ran")

    monkeypatch.setattr("sys.argv", ["prepare", *arguments])
    monkeypatch.setenv("PAGER", "cat")
    with pytest.raises(SystemExit) as ended:
        run_command({command: harm} if command else harm)
    assert ended.value.code == 0
    assert said in "".join(capsys.readouterr())


def test_an_exit_status_ends_the_process_but_0_goes_on():
    exit_with(0)
    with pytest.raises(SystemExit) as ended:
        exit_with(2)
    assert ended.value.code == 2


def interrupt(note=None):
    error = KeyboardInterrupt()
    if note:
        error.add_note(note)
    raise error


@pytest.mark.parametrize(
    ("note", "rank", "said"),
    [
        (None, "0", "Stopped: start the same command again\n"),
        ("go on with the last.pt", "0", "Stopped: go on with the last.pt\n"),
        (None, "1", ""),
    ],
)
@pytest.mark.parametrize("end", ["run_command(fail)", "sys.excepthook = end_with_one_sentence; fail()"])
def test_ctrl_c_ends_a_command_with_one_line_of_how_to_go_on(root, end, note, rank, said):
    program = (
        "import sys; from functools import partial; from bundle.command import *; "
        f"from tests.command.test_sentence import interrupt; fail = partial(interrupt, {note!r}); print('begun'); {end}"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env={**os.environ, "RANK": rank}, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "begun\n", said)
