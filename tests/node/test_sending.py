"""What becomes of an answer that a destination does not take at once."""

import json
import time

import pytest
from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom.dimse_primitives import C_STORE

from bundle.node import read_config
from bundle.node.c_store import CStore
from tests.node.conftest import RESULTS, Pacs, send, states, wait_for
from tests.node.test_answers import answered

# pynetdicom leaves the socket of a connection that failed to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")


def test_a_destination_that_is_down_gets_everything_later_suspected_studies_first(node, pacs, study, mode):
    pacs.stop()
    for number, action in enumerate(("routine", "read soon", "read first")):
        mode(action=action)
        send(node, study(number))
        wait_for(lambda number=number: states(node) == ["inferred"] * (number + 1))
    wait_for(node.problems)
    time.sleep(0.5)
    pacs.start()
    wait_for(answered(node, 3))
    wait_for(lambda: not node.problems())
    assert len(pacs.objects) == 9
    studies = [pacs.objects[uid].StudyInstanceUID for uid in pacs.order]
    assert studies[:3] == [study(2)[0].StudyInstanceUID] * 3
    assert studies[3:6] == [study(0)[0].StudyInstanceUID] * 3


def test_a_destination_that_is_down_holds_up_no_other(settings, running, pacs, study):
    settings["destinations"].append({"name": "down", "ae_title": "DOWN", "host": "127.0.0.1", "port": 1})
    with running() as node:
        send(node, study())
        wait_for(lambda: len(pacs.objects) == 3)
        time.sleep(0.5)
        assert states(node) == ["inferred"]
        assert node.problems() == ["down aborted the association, or cannot be reached"]


def test_each_destination_has_the_kinds_that_it_is_to_have(settings, running, pacs, study):
    other = Pacs()
    other.start()
    settings["destinations"][0]["objects"] = ["SC", "KO"]
    settings["destinations"].append(
        {"name": "other", "ae_title": "PACS", "host": "127.0.0.1", "port": other.port, "objects": ["SR"]}
    )
    with running() as node:
        send(node, study())
        wait_for(answered(node))
    assert (pacs.kinds(), other.kinds()) == (["KO", "OT"], ["SR"])
    other.stop()


def test_a_warning_is_success_and_a_refusal_is_tried_again(node, pacs, study):
    pacs.statuses = {"OT": 0xB000, "SR": 0xA700}
    send(node, study())
    wait_for(lambda: len(pacs.order) > len(set(pacs.order)))
    assert (states(node), pacs.kinds()) == (["inferred"], ["KO", "OT"])
    pacs.statuses = {}
    wait_for(answered(node))
    said = {row["kind"]: (row["state"], row["said"]) for row in node.journal.read(
        "SELECT kind, state, said FROM delivery JOIN object ON object.id = delivery.object"
    )}  # fmt: skip
    assert said["SC"] == ("sent with a warning", "status 0xB000")
    assert said["SR"] == ("sent", "")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"calling": ["OTHER"]}, "pacs does not know this node; add AE BRAIN_CT_AI with this host to its peers"),
        (
            {"classes": []},
            "pacs accepts none of Comprehensive 3D SR Storage, Key Object Selection Document Storage, "
            "Secondary Capture Image Storage; add them there",
        ),
    ],
)
def test_a_refusal_that_only_a_person_can_heal_names_the_remedy_once(node, pacs, study, change, problem, caplog):
    pacs.stop()
    if "classes" in change:
        from pynetdicom.sop_class import Verification

        change = {"classes": [Verification]}
    pacs.start(**change)
    send(node, study())
    wait_for(lambda: problem in node.problems())
    time.sleep(1.5)
    assert sum(problem in record.getMessage() for record in caplog.records) == 1
    pacs.stop()
    pacs.start()
    wait_for(answered(node))


def test_a_wrong_called_ae_names_the_remedy(settings, running, study):
    settings["destinations"][0]["ae_title"] = "OTHER"
    with running() as node:
        send(node, study())
        wait_for(lambda: node.problems() == ["pacs is not called OTHER; correct ae_title of the destination"])


def test_a_class_that_is_not_taken_waits_and_the_others_go(node, pacs, study):
    pacs.stop()
    pacs.start(classes=RESULTS[1:])
    send(node, study())
    wait_for(lambda: pacs.kinds() == ["KO", "OT"])
    wait_for(lambda: "takes no Comprehensive 3D SR" in node.journal.read("SELECT max(said) FROM delivery")[0][0])
    assert states(node) == ["inferred"]
    pacs.stop()
    pacs.start()
    wait_for(answered(node))


def test_a_node_is_not_ready_while_a_destination_refuses_its_reports(node, pacs, study, config_file, command):
    remedy = "takes no Comprehensive 3D SR Storage; add the class to those it accepts"
    pacs.stop()
    pacs.start(classes=RESULTS[1:])
    for number in range(2):
        send(node, study(number))
        wait_for(lambda number=number: len(pacs.objects) == 2 * number + 2)
        wait_for(lambda: node.problems() == [f"pacs lacks an object of job 1: {remedy}"])
    assert command("scripts.serve", "set-aside", config_file(), "1").returncode == 0
    wait_for(lambda: node.problems() == [f"pacs lacks an object of job 2: {remedy}"])
    pacs.stop()
    pacs.start()
    wait_for(lambda: states(node) == ["set aside", "answered"])
    assert not node.problems()


def test_a_refusal_that_does_not_last_is_no_problem(settings, running, pacs, study):
    settings["send"].update(retry_s=1)
    pacs.statuses = {"SR": 0xA700}
    with running() as node:
        send(node, study())
        wait_for(lambda: len(pacs.order) == 3)
        pacs.statuses = {}
        while states(node) == ["inferred"]:
            assert not node.problems()
        assert states(node) == ["answered"]


def test_an_answer_is_left_to_the_request_that_waits_for_it(config_file):
    sender = CStore(read_config(config_file()).destinations[0], "BRAIN_CT_AI", 5)
    answer = C_STORE()
    answer.MessageIDBeingRespondedTo, answer.Status = 1, 0
    with sender._associated() as association:
        association.dimse.msg_queue.put((1, answer))
        time.sleep(0.3)  # in which the association's own thread looks for messages, again and again
        assert association.dimse.get_msg(block=True) == (1, answer)


@pytest.mark.parametrize("ends", ["abort", "release"])
def test_an_association_that_the_destination_ends_is_seen_to_be_ended(pacs, config_file, ends):
    sender = CStore(read_config(config_file()).destinations[0], "BRAIN_CT_AI", 5)
    with sender._associated() as association:
        wait_for(lambda: pacs._server.active_associations)
        getattr(pacs._server.active_associations[0], ends)()
        wait_for(lambda: not association.is_established, 4)


def test_a_destination_that_takes_implicit_syntax_alone_gets_everything(node, pacs, study):
    pacs.stop()
    pacs.start(syntaxes=[ImplicitVRLittleEndian])
    send(node, study())
    wait_for(answered(node))
    assert len(pacs.objects) == 3


def test_a_destination_that_never_answers_is_asked_again(settings, running, pacs, study, monkeypatch):
    settings["send"]["timeout_s"] = 0.5
    taken = pacs._store
    slow = [True]

    def store(event):
        if slow:
            slow.pop()
            time.sleep(2)
        return taken(event)

    monkeypatch.setattr(pacs, "_store", store)
    pacs.stop()
    pacs.start()
    with running() as node:
        send(node, study())
        wait_for(answered(node))
        assert len(pacs.objects) == 3


@pytest.mark.parametrize("does", ["aborts", "is silent"])
def test_an_object_at_which_a_destination_fails_holds_up_no_other(settings, running, pacs, study, monkeypatch, does):
    settings["send"]["timeout_s"] = 1
    bad, taken = study(0)[0].StudyInstanceUID, pacs._store

    def store(event):
        if event.dataset.StudyInstanceUID == bad and event.dataset.Modality == "KO":
            if does == "aborts":
                event.assoc.abort()
            time.sleep(2)
            return 0xC000
        return taken(event)

    monkeypatch.setattr(pacs, "_store", store)
    pacs.stop()
    pacs.start()
    with running() as node:
        send(node, study(0))
        wait_for(lambda: node.couriers[0].problem)
        send(node, study(1))
        wait_for(lambda: states(node) == ["inferred", "answered"])
        wait_for(lambda: pacs.kinds(bad) == ["OT", "SR"])
        monkeypatch.setattr(pacs, "_store", taken)
        pacs.stop()
        pacs.start()
        wait_for(answered(node, 2))


def test_a_destination_that_fails_at_two_jobs_in_a_row_rests(settings, running, pacs, study, monkeypatch):
    settings["send"].update(retry_s=100, retry_max_s=600)
    monkeypatch.setattr(pacs, "_store", lambda event: event.assoc.abort())
    pacs.stop()
    pacs.start()
    with running() as node:
        for number in range(4):
            send(node, study(number))
        wait_for(lambda: states(node) == ["inferred"] * 4)
        time.sleep(1)
        assert pacs.associations == 2


def test_what_is_not_taken_for_too_long_is_set_aside_and_sent_when_a_person_asks(
    settings, running, pacs, study, config_file, command
):
    settings["send"]["give_up_h"] = 0.3 / 3600
    pacs.status = 0xC000
    with running() as node:
        send(node, study())
        wait_for(lambda: states(node) == ["set aside"] and (node.spool.folder / "aside" / "1" / "reason.json").exists())
        said = json.loads((node.spool.folder / "aside" / "1" / "reason.json").read_text())
        assert said["reason"] == "not taken by pacs"
        pacs.status = 0
        done = command("scripts.serve", "retry", config_file(), "all")
        assert done.stdout == "1 jobs are done again\n"
        wait_for(answered(node))
        wait_for(lambda: not (node.spool.folder / "aside" / "1").exists())
    assert len(pacs.objects) == 3


def test_a_person_ends_the_wait_of_a_destination(settings, running, pacs, study, config_file, command):
    settings["send"].update(retry_s=600, retry_max_s=600)
    pacs.stop()
    with running() as node:
        send(node, study())
        wait_for(lambda: node.couriers[0].problem)
        pacs.start()
        time.sleep(1)
        assert states(node) == ["inferred"]
        assert command("scripts.serve", "retry", config_file(), "all").returncode == 0
        wait_for(answered(node))


def test_a_clock_that_jumps_changes_nothing(settings, running, pacs, study, monkeypatch):
    jump, now = [0.0], time.time
    monkeypatch.setattr(time, "time", lambda: now() + jump[0])
    with running() as node:
        for number, days in enumerate((1, -1)):
            jump[0] = days * 86400.0
            send(node, study(number))
            jump[0] = -days * 86400.0
            wait_for(answered(node, number + 1))
            send(node, study(number))
        time.sleep(1)
        assert states(node) == ["answered"] * 2
    assert len(pacs.order) == 6


def test_a_clock_that_is_set_ahead_after_the_start_gives_up_no_answer(settings, running, pacs, study, monkeypatch):
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() - 10 * 86400.0)
    pacs.status = 0xA700
    with running() as node:
        send(node, study())
        wait_for(lambda: states(node) == ["inferred"])
        monkeypatch.setattr(time, "time", now)
        tried = len(pacs.order)
        wait_for(lambda: len(pacs.order) >= tried + 6)
        assert states(node) == ["inferred"]
        pacs.status = 0
        wait_for(answered(node))
