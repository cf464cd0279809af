"""Services of Orthanc that a node can use: its images over DICOMweb, and its commitment to keep results."""

import time
from datetime import date

from tests.node.orthanc import AE_TITLE as PACS
from tests.node.orthanc import DICOM_PORT, DICOMWEB, needs_orthanc, orthanc
from tests.node.own_network import in_own_network
from tests.node.process import AE_TITLE, PORT, NodeProcess, by_stow, make_settings, send, wait_for
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
def test_a_study_that_is_polled_from_dicomweb_comes_back_once(tmp_path, study):
    slices = [dataset for number in (8, 9) for dataset in study(number)]
    for each in slices:
        each.StudyDate = date.today().strftime("%Y%m%d")
    with orthanc(tmp_path / "pacs") as pacs:
        pacs.upload(slices)
        source = {"name": "orthanc", "url": DICOMWEB, "every_s": 1}
        node = NodeProcess(make_settings(tmp_path, sources=[source], destinations=[by_stow()]), tmp_path)
        node.start()
        filed = {"CT": len(slices), **dict.fromkeys(ANSWER, 2)}
        wait_for(lambda: pacs.count() == filed, what="answered")
        time.sleep(5)  # in which the source is asked again, with results among the images of the studies
        assert pacs.count() == filed and node.jobs() == {"answered": 2}
        assert node.end() == 0
