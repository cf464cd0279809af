"""Whatever a thread of a node fails with, the node says so and goes on."""

import json
import sqlite3
import threading

import pytest

from bundle.node import claims, deliveries, jobs
from bundle.node.background import Background, reason
from bundle.node.outbox import fixed
from tests.node.conftest import send, states, wait_for
from tests.node.test_answers import answered
from tests.node.test_http import get


class Rounds(Background):
    """Does what it is given, round after round."""

    def __init__(self, rounds, pause_s=0.01):
        super().__init__("counting", pause_s, 0.01)
        self.rounds, self.done = list(rounds), 0

    def _work(self):
        self.done += 1
        each = self.rounds.pop(0) if self.rounds else False
        if isinstance(each, Exception):
            raise each
        return each


@pytest.fixture
def rounds():
    begun = []

    def start(*args, **options):
        begun.append(Rounds(*args, **options))
        begun[-1].start()
        return begun[-1]

    yield start
    for each in begun:
        each.stop()


def test_a_round_that_fails_is_followed_by_another_and_said_once(rounds, caplog):
    each = rounds([KeyError("DOE^JOHN")] * 3)
    wait_for(lambda: each.done > 4)
    assert each.stuck == ""
    (record,) = caplog.records
    assert record.getMessage().startswith("counting waits: KeyError at test_background.py:")
    assert "DOE" not in caplog.text


def test_it_is_stuck_until_a_round_succeeds(rounds):
    each = rounds([OSError(28, "No space left on device")] * 10_000)
    wait_for(lambda: each.stuck == "No space left on device")
    each.rounds.clear()
    wait_for(lambda: each.stuck == "")


def test_a_round_that_may_have_more_to_do_is_followed_at_once_and_one_that_has_not_waits_to_be_woken(rounds):
    each = rounds([True, True, True], pause_s=600)
    wait_for(lambda: each.done == 4)
    each.wake()
    wait_for(lambda: each.done == 5)


def test_no_value_of_an_error_is_said():
    try:
        int("DOE^JOHN")
    except ValueError as error:
        said = reason(error)
    assert said.startswith("ValueError at test_background.py:") and "DOE" not in said


def problems(node):
    return json.loads(get(node, "/readyz")[1])["problems"]


class FailsAtFirst:
    """Fails until it is told that it may work, and then is what it stands for."""

    def __init__(self, function, error):
        self.function, self.error, self.works = function, error, threading.Event()

    def __call__(self, *args, **kwargs):
        if not self.works.is_set():
            raise self.error
        return self.function(*args, **kwargs)


@pytest.mark.parametrize(
    ("owner", "name", "task"),
    [(jobs, "complete", "the journal"), (claims, "claim", "scoring"), (deliveries, "next_delivery", "sending to pacs")],
)
def test_a_thread_that_fails_in_an_unknown_way_makes_the_node_not_ready_and_answers_later(
    owner, name, task, running, study, monkeypatch
):
    failing = FailsAtFirst(getattr(owner, name), sqlite3.DatabaseError("malformed"))
    monkeypatch.setattr(owner, name, failing)
    monkeypatch.setattr("bundle.node.dispatcher._AGAIN", 0.2)
    with running() as node:
        send(node, study())
        wait_for(lambda: any(each.startswith(f"{task} waits: DatabaseError") for each in problems(node)))
        failing.works.set()
        wait_for(answered(node))
        wait_for(lambda: problems(node) == [])


def test_an_answer_that_fails_in_an_unknown_way_is_set_aside_and_the_next_one_made(running, study, monkeypatch):
    monkeypatch.setattr("bundle.node.dispatcher._AGAIN", 0.1)
    with running() as node:
        with monkeypatch.context() as patch:
            patch.setattr("bundle.node.dispatcher.fixed", FailsAtFirst(fixed, KeyError("DOE^JOHN")))
            send(node, study())
            wait_for(lambda: states(node) == ["set aside"])
        (row,) = node.journal.read("SELECT aside, failures FROM job")
        assert row["aside"].startswith("the answer failed with KeyError at ") and row["failures"] == 2
        send(node, study(2))
        wait_for(lambda: states(node) == ["set aside", "answered"])


def test_results_that_are_gone_do_not_hold_up_the_others(running, pacs, study):
    with running() as node:
        pacs.status = 0xA700
        send(node, study())
        wait_for(lambda: states(node) == ["inferred"])
        for path in (node.spool.folder / "outbox").rglob("*.dcm"):
            path.unlink()
        pacs.status = 0
        send(node, study(2))
        wait_for(lambda: states(node) == ["inferred", "answered"])
