"""Every path that a command takes arrives as it was typed, whatever Fire would make of it."""

import functools
import importlib
import inspect
import itertools

import pytest

from bundle.command import run_command

PATHS = {
    ("compare", "main"): ["dataset_dir", "output", "datalist", "models", "pretrained"],
    ("export", "main"): ["output", "dataset_dir", "datalist", "checkpoint"],
    ("pack", "main"): ["output"],
    ("pair", "main"): ["checkpoint", "second", "predictions", "second_predictions"],
    ("phantom", "main"): ["output"],
    ("predict", "main"): ["output", "dicom", "export_dir"],
    ("report", "main"): ["evaluation_dir", "history", "datalist"],
    ("serve", "run"): ["config"],
    ("serve", "init"): ["file"],
    ("serve", "status"): ["config"],
    ("serve", "retry"): ["config", "job"],
    ("serve", "set_aside"): ["config", "job"],
    ("serve", "purge"): ["config", "job"],
    ("weights", "main"): ["checkpoint", "predictions", "output"],
    ("prepare", "rsna"): ["dataset_dir", "output", "images"],
    ("prepare", "image_folder"): ["dataset_dir", "output"],
    ("prepare", "ct_ich"): ["dataset_dir", "output"],
    ("prepare", "cq500"): ["dataset_dir", "output"],
    ("prepare", "table"): ["dataset_dir", "output", "table"],
    ("prepare", "segmentation_masks"): ["dataset_dir", "output", "images", "masks"],
    ("prepare", "prepared"): ["dataset_dir", "output", "folders", "datalist"],
    ("prepare", "check"): ["datalist", "dataset_dir"],
}
TYPED = ["2024", "1e3", "Smith,John", "None", "[a]", "(b)", "a-b", "with space", "a, b"]


def test_no_command_is_forgotten(root):
    scripts = {path.stem for path in (root / "scripts").glob("[!_]*.py")}
    assert {script for script, _ in PATHS} == scripts


@pytest.mark.parametrize(("script", "name"), PATHS)
def test_a_path_stays_as_it_was_typed(script, name, monkeypatch):
    command = getattr(importlib.import_module(f"scripts.{script}"), name)
    got = {}

    @functools.wraps(command)
    def record(*arguments, **options):
        got.update(inspect.signature(command).bind(*arguments, **options).arguments)

    record.__signature__ = inspect.signature(command)
    parameters = inspect.signature(command).parameters.values()
    positional = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    leading = list(itertools.takewhile(PATHS[script, name].__contains__, positional))
    for text in TYPED:
        given = dict.fromkeys(PATHS[script, name], text)
        for places in ([], leading):
            options = [f"--{key}={text}" for key in given if key not in places]
            monkeypatch.setattr("sys.argv", [script, *[text] * len(places), *options])
            got.clear()
            run_command(record)
            assert {key: got[key] for key in given} == given


def test_commands_run_in_such_folders(root, tmp_path, command):
    options = ("--patients", 9, "--slices", 2, "--size", 64)
    for folder in ("2024", "Smith,John"):
        for line in (["phantom", folder, *options], ["prepare", "rsna", folder, "--output", f"{folder}/1e3"]):
            done = command(f"scripts.{line[0]}", *line[1:], cwd=tmp_path, PYTHONPATH=str(root))
            assert done.returncode == 0, done.stderr
        assert (tmp_path / folder / "1e3").is_file()
