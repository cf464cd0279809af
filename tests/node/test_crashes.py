"""A node that is killed at a named point, and what the next one makes of what it left."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from pynetdicom import AE, evt
from pynetdicom.sop_class import CTImageStorage

from bundle.errors import InputError
from bundle.node import figures
from bundle.node.crash_points import POINTS, VARIABLE, WHILE_PURGING
from bundle.node.journal import Journal
from bundle.node.spool import Spool
from bundle.node.states import JobState
from tests.conftest import ROOT
from tests.node.conftest import PATIENCE, send, states, wait_for
from tests.node.test_answers import answered


@pytest.fixture
def process(config_file, settings):
    """Start a node as a process of its own, which is killed at a point; return it and the port that it listens on."""
    started = []

    def start(point: str = "") -> tuple[subprocess.Popen, int]:
        node = subprocess.Popen(
            [sys.executable, "-m", "tests.node.stand_in", config_file(), "plain"],
            cwd=ROOT, stderr=subprocess.PIPE, text=True, env={**os.environ, VARIABLE: point},
        )  # fmt: skip
        started.append(node)
        for line in node.stderr:
            if " port " in line:
                return node, int(line.rsplit(" ", 1)[1])
        raise AssertionError("the node has not started")

    yield start
    for node in started:
        node.kill()
        node.wait()
        node.stderr.close()


def send_until_refused(port, datasets) -> list:
    """Send objects and return those that were acknowledged."""
    entity = AE("CT")
    entity.dimse_timeout = entity.network_timeout = entity.acse_timeout = 10
    entity.add_requested_context(CTImageStorage, datasets[0].file_meta.TransferSyntaxUID)
    association = entity.associate("127.0.0.1", port, ae_title="BRAIN_CT_AI")
    taken = []
    for dataset in datasets:
        if not association.is_established:
            break
        if association.send_c_store(dataset).get("Status") == 0:
            taken.append(dataset)
    if association.is_established:
        association.release()
    return taken


def check_spool(spool: Spool, journal: Journal) -> None:
    """Every file has a row, and every row its file."""
    rows = journal.read("SELECT key, name FROM instance JOIN study ON study.id = instance.study WHERE kept")
    assert {spool.instance(row["key"], row["name"]) for row in rows} == set(spool.instances())
    objects = {spool.folder / row["file"] for row in journal.read("SELECT file FROM object WHERE kept")}
    assert objects == {path for folder in spool.outboxes() for path in folder.iterdir()}


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")
def test_killed_at_a_point_each_study_has_its_answer_once(
    point, settings, process, config_file, command, running, pacs, study
):
    settings["complete"]["quiet_s"] = 2  # in which what is left comes on a busy machine, too
    sent = [study(1), study(2)]
    node, port = process(f"{point}:2" if point != WHILE_PURGING else point)
    taken = [send_until_refused(port, datasets) for datasets in sent]
    if point == WHILE_PURGING:
        wait_for(lambda: len(pacs.objects) == 6)
        time.sleep(0.5)
        done = command("scripts.serve", "purge", config_file(), "1", **{VARIABLE: point})
        assert done.returncode == -signal.SIGKILL
        node.kill()
    assert node.wait(PATIENCE) == -signal.SIGKILL
    node.stderr.read()
    with running() as after:
        check_spool(after.spool, after.journal)
        for datasets, acknowledged in zip(sent, taken, strict=True):
            left = [each for each in datasets if not any(each is other for other in acknowledged)]
            if left:
                assert set(send(after, left)) == {0}
        wait_for(answered(after, 2))
        time.sleep(0.3)
        assert len(pacs.objects) == 6
        for datasets in sent:
            assert pacs.kinds(datasets[0].StudyInstanceUID) == ["KO", "OT", "SR"]
        check_spool(after.spool, after.journal)


def test_the_node_ends_at_once_when_it_is_told_and_goes_on_later(process, settings, running, pacs, study, mode):
    mode(seconds=30)
    node, port = process()
    assert len(send_until_refused(port, study())) == 4
    journal = Journal(Path(settings["spool"]) / "journal.sqlite")
    wait_for(lambda: [row["state"] for row in journal.read("SELECT state FROM job")] == [JobState.INFERRING])
    journal.close()
    begun = time.monotonic()
    node.send_signal(signal.SIGTERM)
    assert node.wait(15) == 0
    assert time.monotonic() - begun < 10
    mode()
    with running() as after:
        wait_for(answered(after))
    assert len(pacs.objects) == 3


def test_a_peer_that_keeps_its_association_open_does_not_keep_the_node_from_ending(process, pacs):
    node, port = process()
    asked = []
    entity = AE("CT")
    entity.add_requested_context(CTImageStorage)
    handlers = [(evt.EVT_DATA_SENT, lambda event: asked.append(event.data))]
    entity.associate("127.0.0.1", port, ae_title="BRAIN_CT_AI", evt_handlers=handlers).release()
    with socket.create_connection(("127.0.0.1", port)) as peer:
        peer.sendall(asked[0])
        peer.settimeout(10)
        assert peer.recv(1000)[:1] == b"\x02", "the association is accepted"
        node.send_signal(signal.SIGTERM)
        assert node.wait(10) == 0


def test_a_second_node_on_a_spool_refuses_to_start(running, config_file, command):
    with running():
        done = command("tests.node.stand_in", config_file())
        assert done.returncode != 0
        assert "is used by another node" in done.stderr


def test_a_journal_of_another_version_is_refused(tmp_path):
    Journal(tmp_path / "journal.sqlite").close()
    connection = sqlite3.connect(tmp_path / "journal.sqlite")
    connection.execute("PRAGMA user_version=7")
    connection.close()
    with pytest.raises(InputError, match="version 7, and this node writes 3"):
        Journal(tmp_path / "journal.sqlite")


def test_a_journal_of_the_version_before_goes_on(tmp_path):
    path = tmp_path / "journal.sqlite"
    Journal(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "ALTER TABLE job DROP COLUMN aside; DROP TABLE lacking; PRAGMA user_version=1;"
            "INSERT INTO study VALUES (1, 'k', '1.2', '', 0);"
            "INSERT INTO job (study, state, reason, arrived, changed) VALUES (1, 'set aside', 'no image', 0, 0);"
        )
    for _ in range(2):
        with closing(Journal(path)) as journal:
            assert figures.set_aside(journal) == [{"id": 1, "reason": "no image"}]
            assert not journal.read("SELECT * FROM lacking")


def test_what_a_killed_node_had_half_received_is_removed(settings, running, study):
    with running() as node:
        send(node, study())
        wait_for(answered(node))
    spool = Path(settings["spool"])
    (spool / "incoming" / "tmpabc.dcm").write_bytes(b"half")
    (spool / "instances" / "00").mkdir()
    (spool / "instances" / "00" / "11.dcm").write_bytes(b"not acknowledged")
    (spool / "outbox" / "7.part").mkdir()
    with running() as node:
        check_spool(node.spool, node.journal)
        assert list((spool / "incoming").iterdir()) == []
        assert not (spool / "outbox" / "7.part").exists()
        assert states(node) == ["answered"]
