"""What is answered to each object, and what is on the disk by then."""

import shutil
import stat
from collections import namedtuple
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    EnhancedCTImageStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)
from pynetdicom.sop_class import CTImageStorage, EnhancedSRStorage, Verification, XRayRadiationDoseSRStorage

from bundle.dicom_results.algorithm import MANUFACTURER, NAME
from bundle.node.contexts import SYNTAXES
from tests.node.conftest import associate, send, states, wait_for

Usage = namedtuple("Usage", "total used free")


def files(node) -> list[Path]:
    """Return the files of received objects, in whatever state."""
    return sorted(path for name in ("incoming", "instances") for path in (node.spool.folder / name).rglob("*.dcm"))


def test_what_is_acknowledged_is_on_the_disk_under_names_that_say_nothing(node, study):
    for dataset in study():
        assert send(node, [dataset]) == [0]
        (path,) = [path for path in files(node) if pydicom.dcmread(path).SOPInstanceUID == dataset.SOPInstanceUID]
        assert pydicom.dcmread(path).PixelData == dataset.PixelData
        assert dataset.SOPInstanceUID not in str(path) and dataset.StudyInstanceUID not in str(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_bytes()[:128] == bytes(128)
    assert stat.S_IMODE(node.spool.folder.stat().st_mode) == 0o700
    assert list(node.spool.incoming.iterdir()) == []


def test_a_preamble_is_not_kept(node, study):
    (dataset, *_) = study()
    dataset.preamble = b"#!/bin/sh\n" + bytes(118)
    assert send(node, [dataset]) == [0]
    assert files(node)[0].read_bytes()[:128] == bytes(128)


def test_other_objects_are_acknowledged_and_dropped(node, study):
    (dataset, *_) = study()
    for sop_class in (EnhancedSRStorage, XRayRadiationDoseSRStorage):
        dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = sop_class
        assert send(node, [dataset]) == [0]
    assert (files(node), states(node)) == ([], [])
    assert node.tally.total("ignored", reason="class") == 2


@pytest.mark.parametrize("where", ["equipment", "contributing"])
def test_images_that_this_software_made_are_no_reason_to_score(node, study, where):
    (dataset, *_) = study()
    part = dataset if where == "equipment" else pydicom.Dataset()
    part.Manufacturer, part.ManufacturerModelName = MANUFACTURER, NAME
    if where == "contributing":
        dataset.ContributingEquipmentSequence = [part]
    assert send(node, [dataset]) == [0]
    assert (files(node), states(node)) == ([], [])
    assert node.tally.total("ignored", reason="own result") == 1


def test_the_same_object_again_is_acknowledged_and_another_of_its_uid_refused(node, study):
    (dataset, *_) = study()
    assert send(node, [dataset]) == [0]
    kept = files(node)[0].read_bytes()
    assert send(node, [dataset]) == [0]
    dataset.PatientComments = "another"
    assert send(node, [dataset]) == [0xA900]
    assert files(node)[0].read_bytes() == kept
    assert (node.tally.total("duplicates"), node.tally.total("received")) == (1, 1)


def test_the_same_image_in_another_transfer_syntax_is_acknowledged_and_the_first_is_kept(node, study):
    (dataset, *_) = study()
    assert send(node, [dataset]) == [0]
    kept = files(node)[0].read_bytes()
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    assert send(node, [dataset]) == [0]
    assert [path.read_bytes() for path in files(node)] == [kept]
    assert (node.tally.total("duplicates"), node.tally.total("received")) == (1, 1)
    dataset.ImagePositionPatient = [0, 0, 1000]
    assert send(node, [dataset]) == [0xA900]


def test_an_object_of_the_same_uid_in_another_study_is_another_object(node, study):
    (dataset, *_) = study()
    assert send(node, [dataset]) == [0]
    dataset.StudyInstanceUID = "1.2.3"
    assert send(node, [dataset]) == [0xA900]


@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "SeriesInstanceUID"])
@pytest.mark.parametrize("value", ["", "1.2.three", "../../etc", None])
@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_an_object_that_cannot_be_filed_is_refused(node, study, keyword, value):
    (dataset, *_) = study()
    if value is None:
        delattr(dataset, keyword)
    else:
        setattr(dataset, keyword, value)
    assert send(node, [dataset]) == [0xC000]
    assert (files(node), states(node)) == ([], [])
    assert node.tally.total("refused", status="C000") == 1


def raw(node, dataset, sop_class=CTImageStorage, sop_instance=None, encoded=None) -> int:
    """Send an object whose announcement or content is not what it should be, and return the status."""
    from io import BytesIO

    from pynetdicom.dimse_primitives import C_STORE
    from pynetdicom.dsutils import encode

    association = associate(node)
    request = C_STORE()
    request.MessageID, request.Priority = 1, 2
    request.AffectedSOPClassUID = sop_class
    request.AffectedSOPInstanceUID = sop_instance or dataset.SOPInstanceUID
    request.DataSet = BytesIO(encode(dataset, False, True) if encoded is None else encoded)
    association._reactor_checkpoint.clear()
    while not association._is_paused:
        pass
    association.dimse.send_msg(request, 1)
    _, response = association.dimse.get_msg(block=True)
    association._reactor_checkpoint.set()
    status = response.Status
    association.release()
    return status


def test_an_object_that_is_not_what_was_announced_is_refused(node, study):
    (dataset, *_) = study()
    assert raw(node, dataset, sop_instance="1.2.3") == 0xA900
    dataset.SOPClassUID = EnhancedSRStorage
    assert raw(node, dataset) == 0xA900
    assert files(node) == []


@pytest.mark.parametrize("encoded", [b"no data set at all, but text", b"\x08\x00\x16\x00UI\xff\xff1.2"])
def test_what_cannot_be_parsed_is_refused(node, study, encoded):
    (dataset, *_) = study()
    assert raw(node, dataset, encoded=encoded) == 0xC000
    assert files(node) == []


def test_an_object_that_is_too_large_is_refused_and_the_association_goes_on(settings, running, study):
    settings["receive"]["max_instance_mb"] = 0.3
    small, large = study()[:2]
    large.add_new(0x00291010, "OB", bytes(1_000_000))
    with running() as node:
        assert send(node, [large, small]) == [0xC000, 0]
        assert len(files(node)) == 1


def test_a_study_of_too_many_objects_is_refused_from_there_on(settings, running, study):
    settings["receive"]["max_instances"] = 3
    with running() as node:
        assert send(node, study()) == [0, 0, 0, 0xA700]


def test_without_room_objects_are_refused_before_they_are_written_and_taken_when_there_is_room(
    node, study, monkeypatch
):
    large = study()[0]
    large.add_new(0x00291010, "OB", bytes(1_000_000))
    association = associate(node)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(100, 100, 0))
    assert association.send_c_store(large).Status == 0xA700
    assert files(node) == []
    monkeypatch.undo()
    assert association.send_c_store(large).Status == 0
    association.release()


def test_a_failing_disk_is_no_acknowledgement(node, study, monkeypatch):
    import bundle.node.intake as intake

    def full(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(intake, "sync_file", full)
    assert send(node, study()[:1]) == [0xA700]
    assert (files(node), states(node)) == ([], [])


def test_uncompressed_and_compressed_images_are_taken_and_deflated_ones_are_not(node):
    contexts = [(CTImageStorage, each) for each in (*SYNTAXES, DeflatedExplicitVRLittleEndian)]
    association = associate(node, contexts=contexts)
    accepted = {str(each.transfer_syntax[0]) for each in association.accepted_contexts}
    association.release()
    assert accepted == set(SYNTAXES)
    assert len(accepted) == 11


def test_peers_can_ask_whether_the_node_is_there(node):
    association = associate(node, contexts=[(Verification, ImplicitVRLittleEndian)])
    assert association.send_c_echo().Status == 0
    association.release()


def test_multi_frame_ct_is_kept_and_set_aside(node, study):
    (dataset, *_) = study()
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = EnhancedCTImageStorage
    assert send(node, [dataset]) == [0]
    wait_for(lambda: states(node) == ["set aside"])
    (reason,) = [row["aside"] for row in node.journal.read("SELECT aside FROM job")]
    assert reason == "its objects are multi-frame; send single-frame CT"
    assert len(files(node)) == 1


def test_a_missing_patient_id_is_no_reason_to_refuse(node, study, pacs):
    slices = study()
    for dataset in slices:
        del dataset.PatientID
    assert send(node, slices) == [0] * 4
    wait_for(lambda: states(node) == ["answered"])
    assert all("PatientID" not in each for each in pacs.objects.values())


def test_ten_thousand_elements_and_nested_private_ones_are_taken(node, study):
    (dataset, *_) = study()
    block = dataset.private_block(0x0029, "TEST", create=True)
    inner = pydicom.Dataset()
    inner.private_block(0x0031, "DEEP", create=True).add_new(1, "LO", "deep")
    block.add_new(1, "SQ", [inner])
    for group in range(0x0033, 0x0033 + 2 * 50, 2):
        many = dataset.private_block(group, "MANY", create=True)
        for element in range(200):
            many.add_new(element, "DS", "1.5")
    assert send(node, [dataset]) == [0]


def test_implicit_and_explicit_syntax_are_read_by_what_was_negotiated(node, study):
    first, second = study()[:2]
    second.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    assert send(node, [first]) == [0]
    assert send(node, [second]) == [0]
    assert {pydicom.dcmread(path).file_meta.TransferSyntaxUID for path in files(node)} == {
        ExplicitVRLittleEndian, ImplicitVRLittleEndian,
    }  # fmt: skip
