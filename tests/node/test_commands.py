"""What a person asks of a node, and what it removes by itself."""

import json
import os
import sqlite3
import time
from pathlib import Path

import pytest

from bundle.errors import InputError
from bundle.node import read_config
from bundle.node.commands import open_journal
from bundle.node.retention import purge_old
from tests.node.conftest import send, states, wait_for
from tests.node.test_answers import answered
from tests.node.test_crashes import check_spool
from tests.node.test_receiving import files


def test_status_says_how_jobs_stand(node, study, mode, config_file, command):
    send(node, study(1))
    wait_for(answered(node))
    mode(does="fail")
    send(node, study(2))
    wait_for(lambda: states(node)[-1] == "set aside")
    done = command("scripts.serve", "status", config_file())
    assert "     1 answered" in done.stdout and "     1 set aside" in done.stdout
    assert "job 2 was set aside: holds no image at all" in done.stdout
    said = json.loads(command("scripts.serve", "status", config_file(), "--json").stdout)
    assert said["jobs"]["answered"] == 1 and said["set_aside"][0]["id"] == 2


def test_a_job_that_was_set_aside_is_scored_again(node, pacs, study, mode, config_file, command):
    mode(does="fail")
    send(node, study())
    wait_for(lambda: states(node) == ["set aside"])
    mode()
    assert command("scripts.serve", "retry", config_file(), "1").stdout == "job 1: scored again\n"
    wait_for(answered(node))
    assert len(pacs.objects) == 3
    assert not (node.spool.folder / "aside" / "1").exists()


def test_a_job_is_set_aside_before_it_is_sent_and_sent_when_asked_again(node, pacs, study, config_file, command):
    pacs.status = 0xA700
    send(node, study())
    wait_for(lambda: states(node) == ["inferred"])
    assert command("scripts.serve", "set-aside", config_file(), "1").returncode == 0
    time.sleep(0.5)  # until what was under way has been refused
    pacs.status = 0
    time.sleep(1)
    assert (states(node), pacs.objects) == (["set aside"], {})
    assert command("scripts.serve", "retry", config_file(), "1").stdout == "job 1: sent again\n"
    wait_for(answered(node))
    assert len(pacs.objects) == 3


def test_a_purged_study_leaves_no_file_and_no_name_and_is_not_scored_again(node, pacs, study, config_file, command):
    slices = study()
    send(node, slices)
    wait_for(answered(node))
    assert command("scripts.serve", "purge", config_file(), "1").returncode == 0
    assert (files(node), list((node.spool.folder / "outbox").rglob("*.dcm"))) == ([], [])
    assert [tuple(row) for row in node.journal.read("SELECT uid, accession FROM study")] == [("", "")]
    assert send(node, slices) == [0] * 4
    time.sleep(1)
    assert states(node) == ["answered"]
    assert len(files(node)) == 4, "what comes again is kept, for slices that may follow"
    extra = study(slices=6)[4:]
    assert send(node, extra) == [0, 0]
    wait_for(answered(node, 2))
    check_spool(node.spool, node.journal)
    assert len(pacs.objects) == 6


def test_mistakes_are_said_in_a_sentence(settings, running, study, config_file, command):
    settings["complete"] = {"quiet_s": 500}
    with running() as node:
        send(node, study())
        for arguments, said in (
            (("retry", config_file(), "7"), "there is no job '7'"),
            (("retry", config_file(), "1"), "the job 1 is being done"),
            (("purge", config_file(), "1"), "the study of job 1 is not done"),
            (("purge", config_file(), "all"), "there is no job 'all'"),
        ):
            done = command("scripts.serve", *arguments)
            assert (done.returncode, done.stderr.count("\n"), said in done.stderr) == (1, 1, True), done.stderr


def test_what_was_answered_cannot_be_set_aside(node, study, config_file, command):
    send(node, study())
    wait_for(answered(node))
    done = command("scripts.serve", "set-aside", config_file(), "1")
    assert done.returncode == 1 and "the job 1 was answered" in done.stderr


def test_the_spool_of_another_user_is_refused(running, config_file, monkeypatch):
    with running():
        own = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: own + 1)
        refused = pytest.raises(InputError, match="belongs to another user; run it as the node's user")
        with refused, open_journal(read_config(config_file())):
            pass


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), sqlite3.OperationalError("it is locked")])
def test_a_journal_that_fails_is_said_in_a_sentence(running, config_file, error):
    refused = pytest.raises(InputError, match=r"cannot be used \((No space left on device|it is locked)\)")
    with running(), refused, open_journal(read_config(config_file())):
        raise error


def test_a_folder_for_people_that_cannot_be_written_does_not_stop_the_node(settings, running, study, caplog):
    spool = Path(settings["spool"])
    spool.mkdir()
    (spool / "aside").write_text("in the way")
    with running() as node:
        send(node, study())
        wait_for(answered(node))
    assert "the folder aside of the spool cannot be written (File exists)" in caplog.text


def test_there_is_no_status_of_a_node_that_never_ran(config_file, command):
    done = command("scripts.serve", "status", config_file())
    assert done.returncode == 1 and "holds no journal" in done.stderr


def test_files_stay_for_as_long_as_the_config_says(settings, running, study, mode, monkeypatch):
    settings["keep"] = {"answered_h": 2, "set_aside_days": 3}
    now = time.time
    with running() as node:
        send(node, study(1))
        wait_for(answered(node))
        mode(does="fail")
        send(node, study(2))
        wait_for(lambda: states(node) == ["answered", "set aside"])
        for hours, left in ((1, 8), (3, 4), (71, 4), (73, 0)):
            monkeypatch.setattr(time, "time", lambda hours=hours: now() + hours * 3600)
            purge_old(node.spool, node.journal, node.config.keep)
            assert len(files(node)) == left, hours
            check_spool(node.spool, node.journal)


def test_a_clock_that_is_set_ahead_after_the_start_removes_nothing(node, study, monkeypatch):
    send(node, study())
    wait_for(answered(node))
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 1000 * 86400)
    purge_old(node.spool, node.journal, node.config.keep, up=60)
    assert len(files(node)) == 4
    purge_old(node.spool, node.journal, node.config.keep, up=3600)
    assert files(node) == []


def test_an_answer_that_waits_to_be_sent_is_never_purged(settings, running, pacs, study):
    settings["keep"] = {"answered_h": 0}
    pacs.status = 0xA700
    with running() as node:
        send(node, study())
        wait_for(lambda: states(node) == ["inferred"])
        purge_old(node.spool, node.journal, node.config.keep)
        # Not those in "incoming", where the PACS of the test, in the same process, puts what it is about to refuse.
        assert len([path for path in files(node) if path.parent.parent.name == "instances"]) == 4
        pacs.status = 0
        wait_for(answered(node))
        purge_old(node.spool, node.journal, node.config.keep)
        assert files(node) == []
