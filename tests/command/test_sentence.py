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
