"""The guide's ten minutes: each of its commands as it stands there, beside an Orthanc as Debian installs it."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from bundle.node import example
from tests.conftest import copy_bundle
from tests.dicom_tools import dciodvfy
from tests.node.orthanc import AE_TITLE, DICOM_PORT, HTTP_PORT, needs_orthanc, orthanc
from tests.node.own_network import in_own_network, skip
from tests.node.process import wait_for
from tests.node.test_pacs import ANSWER

QUIET = 2
"""Seconds that the test waits for a study to be complete, where the guide waits 30."""


@pytest.fixture
def commands(root):
    text = (root / "docs" / "deployment.md").read_text()
    blocks = re.findall(r"^( *)```sh\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [line for _, block in blocks for line in textwrap.dedent(block).splitlines()]


@pytest.fixture
def folder(tmp_path):
    """The bundle, with the Python of this environment as `python`."""
    folder = copy_bundle(tmp_path / "bundle")
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(sys.executable)
    return folder


@needs_orthanc
@in_own_network
def test_each_command_of_the_guide_leads_to_an_answer_in_orthanc(commands, folder, tmp_path):
    for tool in ("dcmsend", "dciodvfy", "curl"):
        if shutil.which(tool) is None:
            skip(f"no {tool} on this machine: apt-get install dcmtk dicom3tools curl")
    export, init, check, serve, phantom, store, status, ready, instances = commands
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"

    def run(line: str) -> str:
        done = subprocess.run(
            line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    run(export)
    run(init)
    config = json.loads((folder / "node.json").read_text())
    assert {each["name"] for each in config["destinations"]} == {"pacs", "archive"}
    assert config["destinations"][0]["ae_title"] == AE_TITLE and config["destinations"][0]["port"] == DICOM_PORT
    assert str(HTTP_PORT) in config["destinations"][1]["url"]
    config["complete"]["quiet_s"] = QUIET
    config["disk"] = {"reserve_mb": 0, "reserve_percent": 0}
    (folder / "node.json").write_text(json.dumps(config))
    checked = run(check)
    assert "receives as BRAIN_CT_AI on 127.0.0.1:11112" in checked and "sends SR, SC, KO to pacs" in checked
    log = tmp_path / "node.log"
    with log.open("w") as file, orthanc(tmp_path / "pacs") as pacs:
        node = subprocess.Popen(["bash", "-c", f"exec {serve}"], cwd=folder, env=environment, stdout=file, stderr=file)
        try:
            wait_for(lambda: "scores with" in log.read_text() or node.poll() is not None, 120, "ready")
            run(phantom)
            run(store)
            wait_for(lambda: "is answered" in log.read_text(), 240, "answered")
            assert pacs.count() == ANSWER, log.read_text()
            for each in pacs.instances():
                (tmp_path / each["Modality"]).write_bytes(pacs.file(each["ID"]))
                assert not [line for line in dciodvfy(tmp_path / each["Modality"]) if line.startswith("Error")]
            assert "1 answered" in run(status)
            assert json.loads(run(ready))["ready"]
            assert len(json.loads(run(instances))) == 3
            node.terminate()
            assert node.wait(20) == 0
        finally:
            node.kill()


def test_the_guide_names_keys_metrics_and_commands_that_are_there(root):
    text = (root / "docs" / "deployment.md").read_text()
    config = example()
    for section, key in re.findall(r"`(receive|complete|send|keep|disk|http|worker)\.(\w+)`", text):
        assert key in config[section], (section, key)
    from bundle.node.figures import COUNTERS, GAUGES, PREFIX

    known = {PREFIX + each.name + ("_total" if each.kind == "counter" else "") for each in (*COUNTERS, *GAUGES)}
    assert set(re.findall(rf"{PREFIX}\w+", text)) <= known
    from scripts.serve import COMMANDS

    assert set(re.findall(r"scripts\.serve ([a-z-]+) ", text)) <= COMMANDS.keys()
    for file in re.findall(r"`(test_\w+\.py)`", text):
        assert (root / "tests" / "node" / file).is_file(), file


def test_the_unit_runs_the_guide_s_command(root):
    (unit,) = re.findall(r"```ini\n(.*?)```", (root / "docs" / "deployment.md").read_text(), re.DOTALL)
    assert re.search(r"^ExecStart=\S+/python -m scripts\.serve \S+\.json$", unit, re.MULTILINE)
    assert "UMask=0077" in unit
    assert int(re.search(r"TimeoutStopSec=(\d+)", unit)[1]) > 10
