from collections.abc import Sequence
from typing import Literal

import fire
import pytest

from bundle.command.arguments import keep_texts
from bundle.errors import InputError


def command(
    folder: str,
    output: str | None = None,
    suffix: str = "",
    choice: Literal["a", "b"] = "a",
    shares: Sequence[float] = (),
    count: int = 0,
    only: Literal[1, 2] = 1,
    switch: bool = True,
    **settings: str,
):
    return folder, output, suffix, choice, shares, count, only, switch, settings


def run(*words):
    return fire.Fire(keep_texts(command), list(words), serialize=lambda _: None)


@pytest.mark.parametrize(
    "text", ["2024", "1e3", "Smith,John", "None", "True", "[a]", "(b)", "a-b", "a b", "{a: b}", "'"]
)
def test_a_text_arrives_as_it_was_typed(text):
    given = run(text, f"--output={text}", "--suffix", text, "--choice", text, "--mask", text)
    assert given == (text, text, text, text, (), 0, 1, True, {"mask": text})


def test_what_is_no_text_is_still_read():
    given = run("a", "--shares", "0.8,0.1", "--count=3", "--only", "2")
    assert given == ("a", None, "", "a", (0.8, 0.1), 3, 2, True, {})


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        *((("--switch", word), False) for word in ("false", "False", "FALSE")),
        (("--switch=false",), False),
        (("--noswitch",), False),
        *((words, True) for words in (("--switch",), ("--switch", "true"), ("--switch=True",), ())),
    ],
)
def test_a_switch_is_true_or_false(words, wanted):
    assert run("a", *words)[-2] is wanted


@pytest.mark.parametrize("word", ["no", "0", "off", ""])
def test_a_switch_that_is_neither_is_one_sentence(word):
    with pytest.raises(InputError, match=rf"^the argument switch is '{word}'; give true or false"):
        run("a", f"--switch={word}")


@pytest.mark.parametrize("words", [("",), (" ",), ("--folder=",), ("a", "--output", ""), ("a", "--mask", "")])
def test_an_empty_text_is_one_sentence(words):
    with pytest.raises(InputError, match=r"^the argument \w+ is empty; "):
        run(*words)


def test_a_text_may_be_empty_where_its_default_is():
    assert run("a", "--suffix", "")[2] == ""


def test_the_help_names_arguments_and_no_groups(capsys):
    with pytest.raises(SystemExit):
        run("--help")
    shown = capsys.readouterr()
    assert "--output" in shown.out + shown.err and "GROUP" not in shown.out + shown.err
