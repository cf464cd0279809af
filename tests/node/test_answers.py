"""From the slices that a sender sends to the objects that a PACS gets: each answer exactly once."""

import json
import time
from io import BytesIO
from pathlib import Path

import pydicom

from bundle.node import instances
from bundle.node.claims import claim
from bundle.node.header import Header
from bundle.node.jobs import complete
from bundle.node.journal import Journal
from bundle.phantom import Conformant
from tests.node.conftest import RESULTS, associate, jobs, send, states, wait_for


def answered(node, count=1):
    return lambda: states(node) == ["answered"] * count


def reports(pacs):
    return sorted((each for each in pacs.objects.values() if each.Modality == "SR"), key=lambda x: x.InstanceNumber)


def test_a_study_is_answered_in_one_association_and_the_report_comes_last(node, pacs, study):
    assert send(node, study()) == [0] * 4
    wait_for(answered(node))
    assert [pacs.objects[uid].Modality for uid in pacs.order] == ["OT", "KO", "SR"]
    assert pacs.associations == 1
    assert {str(each.StudyInstanceUID) for each in pacs.objects.values()} == {str(study()[0].StudyInstanceUID)}
    assert {each.SOPClassUID for each in pacs.objects.values()} == set(RESULTS)


def test_slices_over_several_associations_and_after_pauses_are_one_study(settings, running, pacs, study):
    settings["complete"]["quiet_s"] = 5
    with running() as node:
        for dataset in study():
            assert send(node, [dataset]) == [0]
            time.sleep(0.2)
        wait_for(answered(node))
        assert len(pacs.objects) == 3


def test_an_association_that_is_open_may_send_more(settings, running, pacs, study):
    settings["complete"]["quiet_s"] = 0.2
    with running() as node:
        association = associate(node)
        assert association.send_c_store(study()[0]).Status == 0
        time.sleep(1)
        assert states(node) == ["collecting"]
        association.release()
        wait_for(answered(node))


def test_the_ceiling_ends_the_wait_for_an_association(settings, running, study):
    settings["complete"] = {"quiet_s": 0.2, "ceiling_s": 1}
    with running() as node:
        association = associate(node)
        assert association.send_c_store(study()[0]).Status == 0
        wait_for(answered(node))
        association.release()


def test_the_same_study_again_is_no_reason_for_another_answer(node, pacs, study):
    send(node, study())
    wait_for(answered(node))
    assert send(node, study()) == [0] * 4
    time.sleep(1)
    assert states(node) == ["answered"]
    assert len(pacs.order) == 3


def test_a_late_slice_gives_another_answer_that_names_the_first(running, pacs, study, mode):
    slices = study(slices=6)
    with running("real") as node:
        mode(action="read first", p_any=0.9)
        send(node, slices[:4])
        wait_for(answered(node))
        mode(action="routine", p_any=0.01)
        send(node, slices[4:])
        wait_for(answered(node, 2))
        first, second = reports(pacs)
        assert (first.InstanceNumber, second.InstanceNumber) == (1, 2)
        assert first.SeriesInstanceUID == second.SeriesInstanceUID
        (series,) = second.PredecessorDocumentsSequence[0].ReferencedSeriesSequence
        assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == first.SOPInstanceUID
        actions = [row["action"] for row in node.journal.read("SELECT action FROM job ORDER BY id")]
        assert actions == ["read first", "read soon"], "what was suspected is not taken back"


def test_a_late_slice_that_cannot_be_scored_is_said_once_and_nothing_is_said_twice(running, pacs, study, mode):
    slices = study(slices=6)
    with running("real") as node:
        mode(action="routine", p_any=0.01, reason="")
        send(node, slices[:4])
        wait_for(answered(node))
        lost = {"p_any": 0.01, "reads": 4, "action": "read soon"}
        mode(**lost, reason="1 of its slices could not be scored")
        send(node, slices[4:5])
        wait_for(answered(node, 2))
        assert [each.InstanceNumber for each in reports(pacs)] == [1, 2]
        assert str(reports(pacs)[0].SOPInstanceUID) in str(reports(pacs)[1].PredecessorDocumentsSequence)
        send(node, slices[5:])  # left out as none of a head
        wait_for(answered(node, 3))
        send(node, slices)
        time.sleep(1)
        assert (states(node), len(pacs.order)) == (["answered"] * 3, 6)


def test_names_come_back_with_the_bytes_that_they_had(running, pacs, study):
    sets = ("ISO_IR 100", "ISO 2022 IR 87", "ISO_IR 192", "GB18030")
    with running("real") as node:
        for number, name in enumerate(sets):
            slices = study(number, 2, Conformant(character_set=name))
            assert send(node, slices) == [0, 0]
        wait_for(answered(node, len(sets)))
    for number, name in enumerate(sets):
        (source, *_) = study(number, 2, Conformant(character_set=name))
        found = [each for each in pacs.objects.values() if each.StudyInstanceUID == source.StudyInstanceUID]
        assert len(found) == 3
        for each in found:
            assert (each.SpecificCharacterSet, each.PatientName) == (source.SpecificCharacterSet, source.PatientName)
            assert each.PatientName.original_string == _sent(source).PatientName.original_string


def _sent(dataset):
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return pydicom.dcmread(BytesIO(buffer.getvalue()))


def test_a_slice_that_comes_before_a_worker_is_free_belongs_to_the_study(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    first, second, third = (Header("study", name, "1.2", "", False, False) for name in ("a", "b", "c"))
    study = instances.keep(journal, first, "1")
    assert complete(journal, study) == 1
    assert instances.keep(journal, second, "2") == study
    assert [tuple(row) for row in journal.read("SELECT id, state FROM job ORDER BY id")] == [(1, "collecting")]
    assert complete(journal, study) == 1
    claimed = claim(journal)
    assert (claimed.job, claimed.names, claimed.earlier) == (1, ["a", "b"], None)
    instances.keep(journal, third, "3")
    assert [tuple(row) for row in journal.read("SELECT id, state FROM job ORDER BY id")] == [
        (1, "inferring"),
        (2, "collecting"),
    ]
    journal.close()


def test_slices_that_come_while_a_study_is_scored_give_another_answer(node, pacs, study, mode):
    mode(seconds=1.0)
    send(node, study()[:2])
    wait_for(lambda: states(node) == ["inferring"])
    send(node, study()[2:])
    wait_for(answered(node, 2))
    assert [each.InstanceNumber for each in reports(pacs)] == [1, 2]


def test_own_results_that_come_back_are_no_reason_to_score(node, pacs, study):
    send(node, study())
    wait_for(answered(node))
    back = list(pacs.objects.values())
    assert send(node, back) == [0] * 3
    time.sleep(1)
    assert (states(node), len(pacs.order)) == (["answered"], 3)


def test_multi_frame_objects_beside_single_frames_are_never_passed_over_in_silence(node, pacs, study, mode):
    with node.journal.transaction() as connection:
        connection.execute("CREATE TRIGGER many AFTER INSERT ON instance WHEN NEW.id IN (1, 3, 7) BEGIN "
                           "UPDATE instance SET multi_frame = 1 WHERE id = NEW.id; END")  # fmt: skip
    mode(does="nothing")
    send(node, study(1)[:2])
    wait_for(lambda: states(node) == ["set aside"])
    assert "multi-frame; send single-frame CT" in reason(node)["reason"]
    mode()
    send(node, study(2)[:2])
    wait_for(lambda: states(node) == ["set aside", "answered"])
    (said,) = node.journal.read("SELECT reason FROM job WHERE id = 2")[0]
    assert said == "as a test wants it; its multi-frame objects were not read"
    send(node, study(3)[:2])
    wait_for(lambda: states(node) == ["set aside", "answered", "answered"])
    send(node, study(3)[2:3])
    wait_for(lambda: states(node) == ["set aside", *["answered"] * 3])
    assert len(pacs.objects) == 9, "one that comes late is said in another answer"


def test_what_is_no_head_is_answered_with_nothing(node, pacs, study, mode):
    mode(does="nothing")
    send(node, study())
    wait_for(answered(node))
    assert pacs.order == []


def reason(node):
    """Wait until a job is set aside, and return what its reason.json says."""
    file = node.spool.folder / "aside" / "1" / "reason.json"
    wait_for(file.exists)
    return json.loads(file.read_text())


def test_a_study_that_kills_two_workers_is_set_aside_and_another_is_answered(node, pacs, study, mode):
    mode(does="die")
    send(node, study(1))
    wait_for(lambda: states(node) == ["set aside"])
    assert node.tally.total("worker_deaths") == 2
    said = reason(node)
    assert said["reason"] == "the worker was ended by SIGSEGV"
    assert len(said["files"]) == 4 and all((node.spool.folder / each).is_file() for each in said["files"])
    mode()
    send(node, study(2))
    wait_for(lambda: states(node) == ["set aside", "answered"])
    assert len(pacs.objects) == 3


def test_a_worker_that_takes_too_long_or_too_much_memory_is_ended(settings, running, study, mode):
    settings["worker"] = {"time_limit_s": 0.5, "memory_mb": 1024}
    with running() as node:
        mode(does="hang")
        send(node, study(1))
        wait_for(lambda: states(node) == ["set aside"])
        mode(does="take all memory")
        send(node, study(2))
        wait_for(lambda: states(node) == ["set aside"] * 2)
        reasons = [row["aside"] for row in node.journal.read("SELECT aside FROM job ORDER BY id")]
        assert reasons == ["the worker took more than 0.5 seconds", "the worker ended with status 1"]
        wait_for(lambda: list((node.spool.folder / "outbox").iterdir()) == [])


def test_bad_input_is_set_aside_at_once_and_its_reason_said(node, study, mode):
    mode(does="fail")
    send(node, study())
    wait_for(lambda: states(node) == ["set aside"])
    assert "send CT of the head" in reason(node)["reason"]
    assert node.tally.total("worker_deaths") == 0


def test_a_worker_without_room_lets_the_study_wait(running, study, mode, monkeypatch):
    import bundle.node.dispatcher as dispatcher

    monkeypatch.setattr(dispatcher, "_AGAIN", 0.3)
    with running() as node:
        mode(does="full")
        send(node, study())
        wait_for(lambda: (Path(node.spool.folder) / "outbox").exists() and "ready" in states(node))
        time.sleep(0.5)
        mode()
        wait_for(answered(node))
        (failures,) = node.journal.read("SELECT failures FROM job")[0]
        assert failures == 0


def test_other_exported_files_are_refused_until_the_node_is_started_again(settings, running, study, mode, monkeypatch):
    import bundle.node.dispatcher as dispatcher

    monkeypatch.setattr(dispatcher, "_AGAIN", 0.2)
    with running() as node:
        mode(does="die")
        wait_for(lambda: node.dispatcher.about)
        (Path(settings["export"]) / "model").write_bytes(b"other")
        send(node, study())
        wait_for(lambda: any("were replaced" in each for each in node.problems()))
        assert states(node) == ["ready"]
    mode()
    with running() as node:
        wait_for(answered(node))


def test_a_node_ends_while_its_worker_is_still_opening_the_model(running, study, mode):
    mode(opens=600)
    with running() as node:
        send(node, study())
        wait_for(lambda: states(node) == ["ready"])
        worker = node.dispatcher._worker
        node.dispatcher.stop(0.1)
        assert worker._process.poll() is not None
        assert states(node) == ["ready"]


def test_the_same_slices_by_another_model_are_another_answer_when_a_person_asks_for_it(
    settings, running, pacs, study, config_file, command
):
    with running() as node:
        send(node, study())
        wait_for(answered(node))
        assert command("scripts.serve", "retry", config_file(), "1").returncode == 0
        wait_for(answered(node, 2))
        assert len(pacs.objects) == 3, "the same slices and model have an answer"
    (Path(settings["export"]) / "model").write_bytes(b"other")
    with running() as node:
        assert command("scripts.serve", "retry", config_file(), "1").returncode == 0
        wait_for(answered(node, 3))
        assert len(pacs.objects) == 6
        assert [each.InstanceNumber for each in reports(pacs)] == [1, 2]


def test_a_node_goes_on_where_the_last_one_ended(settings, running, pacs, study):
    settings["complete"]["quiet_s"] = 3
    with running() as node:
        send(node, study())
        assert states(node) == ["collecting"]
    settings["complete"]["quiet_s"] = 0.3
    with running() as node:
        wait_for(answered(node))
    with running() as node:
        time.sleep(0.5)
        assert jobs(node) == [(1, "answered")]
    assert len(pacs.order) == 3


def test_all_that_is_sent_is_what_is_in_the_outbox(node, pacs, study):
    send(node, study())
    wait_for(answered(node))
    for row in node.journal.read("SELECT uid, file FROM object"):
        assert pydicom.dcmread(node.spool.folder / row["file"]) == pacs.objects[row["uid"]]
