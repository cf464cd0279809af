"""A node between a sender and Orthanc: what comes back is filed once, whatever Orthanc forwards or sends again."""

import io
import time

import pydicom

from tests.node.orthanc import DICOM_PORT, needs_orthanc, orthanc
from tests.node.own_network import in_own_network
from tests.node.process import AE_TITLE, PORT, NodeProcess, by_stow, make_settings, send, wait_for

pytestmark = needs_orthanc
ANSWER = {"KO": 1, "OT": 1, "SR": 1}
FORWARD_ALL = "function OnStoredInstance(id, tags, metadata, origin) SendToModality(id, 'node') end"


def answered(pacs, node, slices):
    """Wait until the node has nothing left to do, and return what the PACS has beside the slices it sent."""
    wait_for(lambda: node.jobs().keys() == {"answered"}, what="answered")
    found = pacs.count()
    assert found.pop("CT", 0) == slices
    return found


@in_own_network
def test_a_study_comes_back_once_by_c_store_and_once_by_stow(tmp_path, study):
    slices = study(0)
    uid = str(slices[0].StudyInstanceUID)
    for name, change in (("c-store", {}), ("stow", {"destinations": [by_stow()]})):
        folder = tmp_path / name
        folder.mkdir()
        with orthanc(folder / "pacs") as pacs:
            node = NodeProcess(make_settings(folder, **change), folder)
            node.start()
            assert set(send(slices)) == {0x0000}
            assert answered(pacs, node, 0) == ANSWER
            assert set(send(slices)) == {0x0000}, "what is sent again is acknowledged"
            time.sleep(3)
            assert answered(pacs, node, 0) == ANSWER, "and is no reason to answer again"
            assert pacs.count(uid) == ANSWER
            sr = next(each for each in pacs.instances() if each["Modality"] == "SR")
            report = pydicom.dcmread(io.BytesIO(pacs.file(sr["ID"])))
            assert report.PatientName == slices[0].PatientName and report.StudyDate == slices[0].StudyDate
            assert node.end() == 0


@in_own_network
def test_a_pacs_that_forwards_all_it_gets_is_answered_once(tmp_path, study):
    slices = study(1)
    with orthanc(tmp_path / "pacs", {"node": (AE_TITLE, PORT)}, FORWARD_ALL) as pacs:
        node = NodeProcess(make_settings(tmp_path), tmp_path)
        node.start()
        pacs.upload(slices)
        wait_for(lambda: pacs.count() == {"CT": len(slices), **ANSWER}, what="answered")
        wait_for(lambda: node.jobs() == {"answered": 1}, what="answered")
        time.sleep(10)
        assert pacs.count() == {"CT": len(slices), **ANSWER}
        assert node.jobs() == {"answered": 1}
        assert node.end() == 0


@in_own_network
def test_a_late_slice_is_answered_with_a_second_report_that_names_the_first(tmp_path, study):
    slices = study(2)
    with orthanc(tmp_path / "pacs") as pacs:
        node = NodeProcess(make_settings(tmp_path), tmp_path)
        node.start()
        send(slices[:-1])
        assert answered(pacs, node, 0) == ANSWER
        (first,) = (each for each in pacs.instances() if each["Modality"] == "SR")
        send(slices[-1:])
        wait_for(lambda: pacs.count() == {"KO": 2, "OT": 2, "SR": 2}, what="answered again")
        reports = {each["InstanceNumber"].strip(): each for each in pacs.instances() if each["Modality"] == "SR"}
        assert reports.keys() == {"1", "2"}
        second = pydicom.dcmread(io.BytesIO(pacs.file(reports["2"]["ID"])))
        assert second.SeriesInstanceUID == first["SeriesInstanceUID"]
        (earlier,) = second.PredecessorDocumentsSequence
        (named,) = (x for series in earlier.ReferencedSeriesSequence for x in series.ReferencedSOPSequence)
        assert named.ReferencedSOPInstanceUID == first["SOPInstanceUID"]
        assert node.end() == 0


@in_own_network
def test_a_destination_that_is_down_gets_all_when_it_is_up(tmp_path, study):
    node = NodeProcess(make_settings(tmp_path), tmp_path)
    node.start()
    for number in range(3):
        assert set(send(study(number))) == {0x0000}
    wait_for(lambda: node.jobs() == {"inferred": 3}, what="scored")
    assert "cannot be reached" in " ".join(node.ready()["problems"])
    with orthanc(tmp_path / "pacs") as pacs:
        wait_for(lambda: node.jobs() == {"answered": 3}, what="answered")
        assert pacs.count() == dict.fromkeys(ANSWER, 3)
    assert node.end() == 0


@in_own_network
def test_a_pacs_that_does_not_know_the_node_is_named_with_the_remedy(tmp_path, study):
    with orthanc(tmp_path / "pacs", closed=True) as pacs:
        node = NodeProcess(make_settings(tmp_path), tmp_path)
        node.start()
        send(study(4))
        wait_for(lambda: any(f"add AE {AE_TITLE}" in each for each in node.ready()["problems"]), what="refused")
        time.sleep(3)
        assert node.said().count("does not know this node") == 1, "however often it is asked"
        assert pacs.count() == {}
        node.end()


@in_own_network
def test_two_nodes_on_one_spool_do_not_run(tmp_path):
    settings = make_settings(tmp_path)
    first = NodeProcess(settings, tmp_path)
    first.start()
    other = tmp_path / "other"
    other.mkdir()
    second = NodeProcess({**settings, "receive": {**settings["receive"], "port": PORT + 1}}, other)
    second.launch()
    assert second.wait() == 1
    assert "is used by another node" in second.said()
    assert first.runs() and first.end() == 0


@in_own_network
def test_both_sides_show_a_certificate_in_both_directions(tmp_path, study, tls, authority):
    slices = study(5)
    destination = {"name": "pacs", "ae_title": "ORTHANC", "host": "127.0.0.1", "port": DICOM_PORT, "tls": tls}
    receive = {**make_settings(tmp_path)["receive"], "tls": tls}
    with orthanc(tmp_path / "pacs", {"node": (AE_TITLE, PORT)}, FORWARD_ALL, tls=tls) as pacs:
        node = NodeProcess(make_settings(tmp_path, receive=receive, destinations=[destination]), tmp_path)
        node.start()
        pacs.upload(slices)
        wait_for(lambda: pacs.count() == {"CT": len(slices), **ANSWER}, what="answered")
        assert send(slices) == [None] * len(slices), "without TLS nothing is taken"
        assert node.end() == 0
    stranger = {**tls, "certificate": str(authority / "stranger.pem"), "key": str(authority / "stranger.key")}
    other = tmp_path / "other"
    other.mkdir()
    refused = make_settings(other, receive=receive, destinations=[{**destination, "tls": stranger}])
    # Another Orthanc, which has no connection to the node that has ended: it would go on writing to that.
    with orthanc(tmp_path / "pacs2", {"node": (AE_TITLE, PORT)}, FORWARD_ALL, tls=tls) as pacs:
        node = NodeProcess(refused, other)
        node.start()
        pacs.upload(study(6))
        wait_for(lambda: any(each.startswith("pacs ") for each in node.ready()["problems"]), what="refused")
        assert pacs.count() == {"CT": len(slices)}
        node.end()
