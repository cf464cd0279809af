"""The recipes of the Makefile, as make would hand them to the shell."""

import shlex
import subprocess

import pytest

INSTALLED = ("VENV=venv", "--assume-old", "venv/installed", "--assume-old", "venv/installed-dev")


def recipe(root, *arguments):
    """Return the commands that make would run, each as the words that the shell makes of it."""
    done = subprocess.run(
        ["make", "--dry-run", *arguments, *INSTALLED], cwd=root, capture_output=True, text=True, check=True
    )
    commands = done.stdout.replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in commands if line.startswith("venv/bin/python ")]


@pytest.mark.parametrize("target", ["train", "predict", "compare", "pack"])
def test_folders_may_have_spaces_in_their_names(root, target):
    folders = {name: f"of {name.lower()} (2)" for name in ("DATASET", "OUTPUT", "MODELS", "STUDY", "COMPARISON")}
    given = [f"{name}={folder}" for name, folder in folders.items()]
    wanted = {
        "train": {folders["DATASET"], folders["OUTPUT"], folders["MODELS"]},
        "predict": {folders["STUDY"], f"{folders['OUTPUT']}/inference"},
        "compare": {folders["DATASET"], folders["COMPARISON"]},
        "pack": {folders["OUTPUT"]},
    }
    commands = recipe(root, target, *given)
    assert commands and all(wanted[target] <= set(words) for words in commands)


@pytest.mark.parametrize("target", ["train", "compare"])
def test_phantoms_are_made_where_no_data_set_is_given(root, target):
    made = [" ".join(words) for words in recipe(root, target, "PHANTOM=none", "DATASET=none")]
    assert "scripts.phantom none" in made[0] and "scripts.prepare rsna none" in made[1]
    assert not any("scripts.phantom" in " ".join(words) for words in recipe(root, target, "DATASET=own"))
