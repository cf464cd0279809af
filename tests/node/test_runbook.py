"""What the guide's runbook says of a new model, of a PACS that was corrected, and of a study that was set aside."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pydicom

from tests.conftest import ROOT
from tests.node.orthanc import needs_orthanc, orthanc
from tests.node.own_network import in_own_network
from tests.node.process import NodeProcess, make_settings, send, wait_for
from tests.node.test_pacs import ANSWER

pytestmark = needs_orthanc


def serve(command, node, *arguments):
    """Run a command beside a node, and return what it printed."""
    called = [sys.executable, "-m", "scripts.serve", command, str(node.config), *arguments]
    return subprocess.run(called, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@in_own_network
def test_another_model_answers_new_studies_and_old_ones_when_a_person_asks(tmp_path, study):
    settings = make_settings(tmp_path)
    with orthanc(tmp_path / "pacs") as pacs:
        node = NodeProcess(settings, tmp_path)
        node.start()
        send(study(0))
        wait_for(lambda: node.jobs() == {"answered": 1}, what="answered")
        before = node.ready()["model"]
        assert node.end() == 0
        (Path(settings["export"]) / "model").write_text("another")
        node.start()
        wait_for(lambda: node.ready()["ready"], what="ready")
        assert node.ready()["model"] != before
        assert set(send(study(0))) == {0x0000}
        assert node.jobs() == {"answered": 1}, "an answered study keeps its answer"
        assert "scored again" in serve("retry", node, "1")
        wait_for(lambda: node.jobs() == {"answered": 2}, what="answered again")
        assert pacs.count() == dict.fromkeys(ANSWER, 2)
        reports = [each for each in pacs.instances() if each["Modality"] == "SR"]
        second = next(each for each in reports if each["InstanceNumber"].strip() == "2")
        content = pydicom.dcmread(io.BytesIO(pacs.file(second["ID"])))
        assert content.PredecessorDocumentsSequence[0].StudyInstanceUID == study(0)[0].StudyInstanceUID
        assert node.end() == 0


@in_own_network
def test_a_corrected_pacs_gets_what_waited_as_soon_as_a_person_asks(tmp_path, study):
    settings = make_settings(tmp_path, send={"retry_s": 0.5, "retry_max_s": 300})
    node = NodeProcess(settings, tmp_path)
    with orthanc(tmp_path / "pacs", closed=True):
        node.start()
        send(study(0))
        wait_for(lambda: "does not know this node" in " ".join(node.ready()["problems"]), what="refused")
    with orthanc(tmp_path / "pacs") as pacs:
        serve("retry", node, "all")
        wait_for(lambda: node.jobs() == {"answered": 1}, what="answered")
        assert pacs.count() == ANSWER
    assert node.end() == 0


@in_own_network
def test_a_study_that_was_set_aside_is_named_with_its_reason_and_answered_when_it_can_be(tmp_path, study):
    settings = make_settings(tmp_path)
    mode = Path(settings["export"]) / "mode.json"
    with orthanc(tmp_path / "pacs") as pacs:
        node = NodeProcess(settings, tmp_path)
        mode.write_text(json.dumps({"does": "fail"}))
        node.start()
        send(study(0))
        wait_for(lambda: node.jobs() == {"set aside": 1}, what="set aside")
        assert "job 1 was set aside: " in serve("status", node)
        (reason,) = (tmp_path / "spool" / "aside").glob("*/reason.json")
        assert json.loads(reason.read_text())["job"] == 1 and pacs.count() == {}
        mode.unlink()
        serve("retry", node, "1")
        wait_for(lambda: node.jobs() == {"answered": 1}, what="answered")
        assert pacs.count() == ANSWER and not reason.exists()
        serve("purge", node, "1")
        assert not [path for path in (tmp_path / "spool" / "instances").rglob("*") if path.is_file()]
        assert node.end() == 0
