import json
import logging
import os
import shutil
import sys
from pathlib import Path

import pytest
from monai.bundle import ConfigParser, ConfigWorkflow, run
from monai.transforms import LoadImage

from bundle.command import begin, running_parser
from bundle.command.workflow import read_overrides
from bundle.errors import InputError

CONFIG = {
    "bundle_root": ".",
    "mask": True,
    "rate": 0.5,
    "run_name": None,
    "path": "$@bundle_root + '/models'",
    "begin": [
        {"_target_": "bundle.command.begin"},
        {"_target_": "tests.command.test_workflow.keep", "values": "@values"},
    ],
    "values": {name: f"@{name}" for name in ("mask", "rate", "run_name", "path", "bundle_root")},
    "run": "@begin",
}
KEPT = []


def keep(values):
    KEPT.append(values)


@pytest.fixture(autouse=True)
def nothing_kept():
    KEPT.clear()


@pytest.fixture
def bundle(tmp_path):
    """A bundle of one config."""
    folder = tmp_path / "some bundle"
    (folder / "configs").mkdir(parents=True)
    (folder / "configs" / "train.json").write_text(json.dumps(CONFIG))
    return folder


@pytest.fixture
def monai(monkeypatch):
    """Run a command line of ``python -m monai.bundle run`` in this process, as Fire understands it."""

    def call(config, run_id="begin", **given):
        arguments = [word for key, value in given.items() for word in (f"--{key}", value)]
        command = ["/site-packages/monai/bundle/__main__.py", "run", run_id, "--config_file", str(config), *arguments]
        monkeypatch.setattr("sys.argv", command)
        monkeypatch.setattr("sys.excepthook", sys.excepthook)
        monkeypatch.setattr("sys.path", list(sys.path))
        by_fire = {"false": "false", "0.25": 0.25, "2024": 2024, "abc": "abc"}
        run(run_id, config_file=str(config), **{key: by_fire.get(value, value) for key, value in given.items()})

    return call


@pytest.mark.filterwarnings("ignore:parsing config_file:UserWarning")
@pytest.mark.parametrize("run_id", ["begin", "run"])
def test_overrides_have_the_types_of_the_defaults_from_the_first_step_on(bundle, monai, monkeypatch, run_id):
    monkeypatch.chdir(bundle)
    monai("configs/train.json", run_id, mask="false", rate="0.25", run_name="2024")
    assert KEPT == [{"mask": False, "rate": 0.25, "run_name": "2024", "path": "./models", "bundle_root": "."}]


@pytest.mark.filterwarnings("ignore:parsing config_file:UserWarning")
def test_a_value_of_another_type_is_refused(bundle, monai):
    with pytest.raises(Exception) as caught:
        monai(bundle / "configs" / "train.json", rate="abc")
    causes = [caught.value]
    while causes[-1].__cause__:
        causes.append(causes[-1].__cause__)
    assert isinstance(causes[-1], InputError) and "--rate must be a number" in str(causes[-1])


@pytest.mark.filterwarnings("ignore:parsing config_file:UserWarning")
def test_elsewhere_the_bundle_is_found_by_its_config(bundle, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", list(sys.path))
    run("begin", config_file=os.path.relpath(bundle / "configs" / "train.json"), mask=False)
    run("begin", config_file=str(bundle / "configs" / "train.json"), bundle_root="given")
    assert [values["path"] for values in KEPT] == [f"{bundle}/models", "given/models"]
    assert KEPT[0]["mask"] is False and KEPT[0]["rate"] == 0.5


def test_what_was_made_of_a_config_stays_where_nothing_changes(bundle, monkeypatch):
    monkeypatch.chdir(bundle)
    monkeypatch.setattr("sys.path", list(sys.path))
    workflow = ConfigWorkflow("configs/train.json", run_id="begin", logging_file=False)
    workflow.initialize()
    values = workflow.parser.get_parsed_content("values")
    workflow.run()
    assert len(KEPT) == 1 and KEPT[0] is values


def test_a_run_does_not_complain_of_a_library_that_it_does_not_use(bundle, monkeypatch, caplog):
    logger = logging.getLogger("monai.data.nvimgcodec_pydicom_plugin")
    monkeypatch.setattr(logger, "level", logging.NOTSET)
    begin(["/usr/bin/pytest"])
    LoadImage()
    assert not caplog.records


def test_begin_leaves_other_programs_alone(monkeypatch):
    hook = sys.excepthook
    begin(["/usr/bin/pytest", "--zzz"])
    assert sys.excepthook is hook


@pytest.mark.parametrize("files", ["['{}']", "{}", "['{}','{}']"])
def test_the_files_are_read_as_monai_reads_them(bundle, files):
    config = str(bundle / "configs" / "train.json")
    line = ["run", "begin", "--config_file", files.format(config, config), "--rate", "1", "--logging_file", "x"]
    assert read_overrides(line) == {"rate": 1.0}
    arguments = Path(bundle / "arguments.json")
    arguments.write_text(json.dumps({"config_file": [config], "mask": False, "rate": 0.75}))
    assert read_overrides(["run", "--args_file", str(arguments), "--rate", "1"]) == {"mask": False, "rate": 1.0}


def test_a_component_finds_the_config_that_it_is_in():
    parser = ConfigParser({"a": 7, "found": {"_target_": "bundle.command.running_parser"}})
    assert parser.get_parsed_content("found") is parser
    with pytest.raises(LookupError, match="no config"):
        running_parser()


def test_a_run_begins_without_words_of_monai(root, bundle, command):
    for name in ("logging.conf", "metadata.json"):
        shutil.copy(root / "configs" / name, bundle / "configs")
    (bundle / "configs" / "say.yaml").write_text("run: $print(@rate)\nrate: 0.25\n")
    files = "['configs/train.json','configs/say.yaml']"
    done = command("monai.bundle", "run", "--config_file", files, "--mask", "False", cwd=bundle)
    assert (done.stdout, done.stderr) == ("0.25\n", "")
