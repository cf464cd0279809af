"""Services of Orthanc that a node can use: its images over DICOMweb, and its commitment to keep results."""

import io
import time

from tests.node.orthanc import AE_TITLE as PACS
from tests.node.orthanc import DICOM_PORT, DICOMWEB, needs_orthanc, orthanc
from tests.node.own_network import in_own_network
from tests.node.process import AE_TITLE, PORT, NodeProcess, make_settings, send, wait_for
from tests.node.test_pacs import ANSWER, answered

pytestmark = needs_orthanc


@in_own_network
def test_a_study_is_answered_when_orthanc_has_committed_to_keep_its_results(tmp_path, study):
    destination = {"name": "pacs", "ae_title": PACS, "host": "127.0.0.1", "port": DICOM_PORT, "commitment": True}
    settings = make_settings(tmp_path, destinations=[destination])
    with orthanc(tmp_path / "pacs", {"node": (AE_TITLE, PORT)}) as pacs:
        node = NodeProcess(settings, tmp_path)
        node.start()
        assert set(send(study(5))) == {0x0000}
        assert answered(pacs, node, 0) == ANSWER
        assert node.ready()["outbox"] == {}
        assert node.end() == 0


@in_own_network
def test_a_study_is_fetched_over_dicomweb_and_its_results_are_no_reason_to_fetch_it_again(tmp_path, study):
    settings = make_settings(tmp_path, sources=[{"name": "pacs", "url": DICOMWEB, "every_s": 1, "days": 20000}])
    slices = study(6)
    with orthanc(tmp_path / "pacs") as pacs:
        node = NodeProcess(settings, tmp_path)
        node.start()
        for each in slices:
            content = io.BytesIO()
            each.save_as(content, enforce_file_format=True)
            pacs.upload(content.getvalue())
        wait_for(lambda: pacs.count() == {"CT": len(slices), **ANSWER}, what="answered")
        wait_for(lambda: node.jobs() == {"answered": 1}, what="answered")
        time.sleep(4)
        assert node.jobs() == {"answered": 1} and not node.ready()["problems"]
        assert pacs.count() == {"CT": len(slices), **ANSWER}
        assert node.end() == 0
