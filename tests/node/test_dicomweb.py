"""Studies that are fetched from a DICOMweb server, and answers that are stored there."""

import time
from pathlib import Path

import pytest

from tests.node.conftest import send, states, wait_for
from tests.node.dicomweb import Web
from tests.node.test_answers import answered
from tests.node.test_receiving import files

pytestmark = pytest.mark.filterwarnings("ignore:message sent by origin server")


@pytest.fixture
def web(settings):
    web = Web()
    yield web
    web.stop()


@pytest.fixture
def source(settings, web):
    settings["sources"] = [{"name": "archive", "url": web.url, "every_s": 0.3}]
    settings["complete"] = {"quiet_s": 60, "ceiling_s": 600}
    return web


@pytest.fixture
def destination(settings, web):
    settings["destinations"] = [{"name": "archive", "url": web.url}]
    return web


def keep(web, *datasets):
    web.objects.update({str(each.SOPInstanceUID): each for each in datasets})


@pytest.mark.parametrize("fault", [None, "no count", "single part"])
def test_a_study_is_fetched_and_complete_when_its_count_is_reached(source, running, pacs, study, fault):
    source.faults = {fault}
    with running() as node:
        time.sleep(0.5)
        keep(source, *study())
        wait_for(answered(node))
        assert len(pacs.objects) == 3
        keep(source, *pacs.objects.values())
        time.sleep(1.2)
        assert states(node) == ["answered"], "results in the study are no reason to score it"
        assert {path.split("?")[0] for path in source.asked if "offset=0" in path} and not node.problems()
        assert all("never" not in path for path in source.asked)


def test_each_image_is_fetched_once_and_late_ones_give_another_answer(source, running, pacs, study):
    slices = study(slices=6)
    with running() as node:
        keep(source, *slices[:4])
        wait_for(answered(node))
        keep(source, *slices[4:])
        wait_for(answered(node, 2))
        fetched = [path for path in source.asked if "/instances/" in path]
        assert len(fetched) == len(set(fetched)) == 6


def test_what_was_fetched_is_not_fetched_again_by_the_next_node(source, running, study):
    keep(source, *study())
    with running() as node:
        wait_for(answered(node))
    source.asked.clear()
    with running() as node:
        time.sleep(1)
        assert states(node) == ["answered"]
    assert not [path for path in source.asked if "/instances/" in path]


def test_more_studies_than_a_page_are_found(source, running, study, monkeypatch):
    import bundle.node.polling as polling

    monkeypatch.setattr(polling, "_PAGE", 2)
    for number in range(5):
        keep(source, *study(number, slices=3))
    with running() as node:
        wait_for(answered(node, 5))
        assert len(files(node)) == 15


@pytest.mark.parametrize("fault", ["caps pages", "ignores pages"])
def test_all_images_are_found_whatever_pages_a_source_gives(source, running, study, fault, monkeypatch):
    import bundle.node.polling as polling

    monkeypatch.setattr(polling, "_PAGE", 4)
    source.faults = {fault}
    keep(source, *study(slices=6))
    with running() as node:
        wait_for(answered(node))
        assert len(files(node)) == 6 and not node.problems()
        asked = [path for path in source.asked if path.split("?")[0].endswith("/instances")]
        assert len(asked) <= 3 * len([path for path in source.asked if path.split("?")[0].endswith("/series")])


def test_a_count_that_is_no_number_holds_up_no_study(source, running, study):
    source.faults = {f"miscounts {study(0)[0].StudyInstanceUID}"}
    keep(source, *study(0), *study(1))
    with running() as node:
        wait_for(answered(node, 2))
        assert not node.problems()


@pytest.mark.parametrize(("fault", "said"), [("down", "HTTP 503"), ("redirects", "TooManyRedirects")])
def test_a_source_that_does_not_answer_is_asked_again(source, running, study, fault, said):
    source.faults = {fault}
    keep(source, *study())
    with running() as node:
        wait_for(lambda: any(said in each for each in node.problems()))
        assert "/elsewhere" not in source.asked
        source.faults = set()
        wait_for(answered(node))
        wait_for(lambda: not node.problems())


@pytest.mark.parametrize("kept", [0, 2])
def test_what_the_disk_had_no_room_for_is_fetched_when_there_is_room(source, running, study, monkeypatch, kept):
    with running() as node:
        full = True
        monkeypatch.setattr(node.spool, "has_room", lambda: not (full and len(files(node)) >= kept))
        keep(source, *study())
        wait_for(lambda: len(files(node)) == kept)
        asked = len(source.asked)
        wait_for(lambda: len(source.asked) > asked + 3 or kept == 0)
        time.sleep(0.5)
        assert not node.journal.read("SELECT * FROM polled") and "ready" not in states(node)
        full = False
        wait_for(answered(node))
        assert len(files(node)) == 4


def test_an_object_that_a_source_cannot_give_holds_up_no_other(source, running, study):
    source.faults = {"lacks one"}
    with running() as node:
        keep(source, *study(1), *study(2))
        wait_for(lambda: len(files(node)) == 6)
        wait_for(lambda: "the source archive answered HTTP 500" in node.problems())
        assert set(states(node)) == {"collecting"}
        source.faults = set()
        wait_for(answered(node, 2))
        wait_for(lambda: not node.problems())


def test_a_study_that_has_waited_long_enough_says_what_its_source_has_not_given(source, settings, running, study):
    settings["complete"] = {"quiet_s": 3, "ceiling_s": 3}
    source.faults = {"lacks one"}
    keep(source, *study())
    with running() as node:
        wait_for(answered(node))
        assert "; 1 of 4 objects was not received" in node.journal.read("SELECT reason FROM job")[0]["reason"]
        source.faults = set()
        wait_for(answered(node, 2))
        assert "received" not in node.journal.read("SELECT reason FROM job WHERE id = 2")[0]["reason"]


@pytest.mark.parametrize(
    ("fault", "said"), [("searches", "HTTP 500"), ("damages", "cannot be read"), ("breaks", "cannot be reached")]
)
def test_a_study_that_a_source_fails_at_holds_up_no_other(source, running, study, fault, said):
    bad, good = study(1), study(2)
    part = bad[0].SOPInstanceUID if fault == "breaks" else bad[0].StudyInstanceUID
    source.faults = {f"{fault} {part}"}
    keep(source, *bad, *good)
    with running() as node:
        wait_for(lambda: "answered" in states(node))
        wait_for(lambda: any(said in each for each in node.problems()))
        source.faults = set()
        wait_for(answered(node, 2))
        wait_for(lambda: not node.problems())


def test_answers_are_stored_each_once(destination, running, study):
    with running() as node:
        send(node, study())
        wait_for(answered(node))
        assert sorted(each.Modality for each in destination.objects.values()) == ["KO", "OT", "SR"]
        assert len(destination.stored) == 3


@pytest.mark.parametrize(
    ("fault", "state"), [("there already", "sent with a warning"), ("warns", "sent with a warning")]
)
def test_what_is_there_already_or_is_warned_of_is_success(destination, running, study, fault, state):
    destination.faults = {fault}
    with running() as node:
        send(node, study())
        wait_for(answered(node))
        assert {row["state"] for row in node.journal.read("SELECT state FROM delivery")} == {state}
        assert len(destination.stored) == 3


@pytest.mark.parametrize("fault", ["empty answer", "refuses", "down", "forbidden"])
def test_what_the_answer_does_not_name_is_stored_again(destination, running, study, fault):
    destination.faults = {fault}
    with running() as node:
        send(node, study())
        wait_for(lambda: len(destination.asked) > 3)
        assert states(node) == ["inferred"]
        destination.faults = set()
        wait_for(answered(node))
        assert len(destination.objects) == 3


def test_a_study_that_an_archive_fails_at_holds_up_no_other(destination, running, study):
    destination.faults = {study(0)[0].StudyInstanceUID}
    with running() as node:
        send(node, study(0))
        wait_for(lambda: node.problems() == ["archive answered HTTP 500"])
        send(node, study(1))
        wait_for(lambda: states(node) == ["inferred", "answered"])
        destination.faults = set()
        wait_for(answered(node, 2))


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"damaged")])
def test_a_result_that_cannot_be_read_is_no_fault_of_the_archive(destination, running, study, damage):
    destination.faults = {"down"}
    with running() as node:
        send(node, study())
        wait_for(lambda: states(node) == ["inferred"])
        for path in node.spool.outbox(1).glob("SC_*"):
            damage(path)
        said = "SELECT said FROM delivery JOIN object ON object.id = delivery.object WHERE kind = 'SC'"
        wait_for(lambda: node.journal.read(said)[0]["said"].startswith("failed with "))
        destination.faults = set()
        wait_for(lambda: len(destination.objects) == 2)


def test_a_user_who_is_refused_is_named_as_the_remedy(destination, running, study):
    destination.faults = {"forbidden"}
    with running() as node:
        send(node, study())
        said = "archive refuses the user (HTTP 401); correct user_file of the destination"
        wait_for(lambda: node.problems() == [said])
