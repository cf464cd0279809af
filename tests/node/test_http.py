"""What a node says of itself, to whom."""

import json
import socket
import sqlite3
import struct
import time
import urllib.error
import urllib.request
from html.parser import HTMLParser

import pytest

from bundle.errors import InputError
from bundle.node import Node, figures, read_config
from bundle.node.figures import COUNTERS, GAUGES, PREFIX
from tests.node.conftest import send, states, wait_for
from tests.node.test_answers import answered

TOKEN = "a token of many characters"


@pytest.fixture
def token(settings, tmp_path):
    (tmp_path / "token").write_text(TOKEN + "\n")
    settings["http"]["token_file"] = str(tmp_path / "token")
    return TOKEN


def get(node, path, **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{node.http.port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def metrics(node):
    lines = get(node, "/metrics")[1].splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def test_it_lives_and_is_ready_once_there_is_a_worker(node):
    assert get(node, "/healthz")[0] == 200
    wait_for(lambda: get(node, "/readyz")[0] == 200)
    said = json.loads(get(node, "/readyz")[1])
    assert (said["ready"], said["problems"], said["runtime"]) == (True, [], "stand-in")
    assert len(said["model"]) == 64
    status, text = get(node, "/other")
    assert status == 404 and "/readyz" in text


def test_it_is_not_ready_without_a_worker_or_room(settings, running, monkeypatch):
    with running() as node:
        wait_for(lambda: get(node, "/readyz")[0] == 200)
        monkeypatch.setattr(node.spool, "has_room", lambda: False)
        status, text = get(node, "/readyz")
        assert status == 503
        assert json.loads(text)["problems"] == ["the disk has no room beyond its reserve"]
        node.dispatcher.problem, node.dispatcher.about = "it has ended", None
        assert "no worker: it has ended" in json.loads(get(node, "/readyz")[1])["problems"]


def test_metrics_count_what_happens(node, study, mode):
    slices = study()
    send(node, slices)
    send(node, slices[:1])
    wait_for(answered(node))
    mode(action="routine", p_any=0.01)
    send(node, study(2))
    wait_for(answered(node, 2))
    found = metrics(node)
    assert found[f"{PREFIX}received_total"] == 8
    assert found[f"{PREFIX}duplicates_total"] == 1
    assert found[f'{PREFIX}scored_total{{action="read first"}}'] == 1
    assert found[f'{PREFIX}sent_total{{destination="pacs"}}'] == 6
    assert found[f'{PREFIX}jobs{{state="answered"}}'] == 2
    assert found[f"{PREFIX}suspected_share"] == 0.5
    assert found[f"{PREFIX}worker"] == 1
    assert found[f'{PREFIX}seconds_total{{stage="score"}}'] > 0


def test_metrics_are_as_prometheus_reads_them(node):
    text = get(node, "/metrics")[1]
    for metric in (*COUNTERS, *GAUGES):
        name = PREFIX + metric.name + ("_total" if metric.kind == "counter" else "")
        assert f"# HELP {name} {metric.help}\n# TYPE {name} {metric.kind}\n" in text


def test_every_counter_that_is_counted_is_shown(node, study):
    send(node, study())
    wait_for(answered(node))
    assert {each.name for each in node.tally.samples()} <= {each.name for each in COUNTERS}


class Cells(HTMLParser):
    def __init__(self):
        super().__init__()
        self.cells = []

    def handle_data(self, data):
        if data.strip():
            self.cells.append(data)


def test_the_priority_list_is_for_who_has_the_token(token, running, study, mode):
    with running() as node:
        for number, action in enumerate(("routine", "read first", "read soon", "read first")):
            mode(action=action, p_any=0.5)
            send(node, study(number))
            wait_for(lambda number=number: states(node) == ["answered"] * (number + 1))
            time.sleep(0.05)
        assert get(node, "/priority")[0] == 401
        assert get(node, "/priority", Authorization="Bearer another token")[0] == 401
        status, text = get(node, "/priority", Authorization=f"Bearer {token}")
        assert status == 200
        answers = json.loads(text)
        assert [each["priority"] for each in answers] == ["urgent", "urgent", "routine", "routine"]
        assert [each["study"] for each in answers] == [
            str(study(number)[0].StudyInstanceUID) for number in (1, 3, 0, 2)
        ]
        assert answers[0]["accession"] == study(1)[0].AccessionNumber
        assert (answers[0]["p_any"], answers[0]["verdict"]) == (0.5, "read first")
        page = Cells()
        page.feed(get(node, "/priority", Authorization=f"Bearer {token}", Accept="text/html")[1])
        assert "50.0 %" in page.cells and str(study(1)[0].StudyInstanceUID) in page.cells
        assert any("not for diagnosis" in each for each in page.cells)


def test_without_a_token_nobody_gets_the_priority_list(node):
    assert get(node, "/priority")[0] == 401
    assert get(node, "/priority", Authorization="Bearer ")[0] == 401


def test_what_others_reach_needs_the_token_everywhere(token, settings, config_file):
    settings["http"]["host"] = "0.0.0.0"
    server = Node(read_config(config_file())).http
    for path in ("/healthz", "/readyz", "/metrics", "/priority"):
        assert server.reply(path, "", "").status == 401
    assert server.reply("/healthz", "", f"Bearer {token}").status == 200


def test_a_short_or_missing_token_is_refused(settings, config_file, tmp_path):
    settings["http"]["token_file"] = str(tmp_path / "token")
    with pytest.raises(InputError, match="cannot be read"):
        Node(read_config(config_file()))
    (tmp_path / "token").write_text("short")
    with pytest.raises(InputError, match="a token of 5 characters"):
        Node(read_config(config_file()))


def test_a_page_that_fails_says_so_and_the_log_says_why(node, monkeypatch, caplog):
    def fail(*_):
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(figures, "jobs_by_state", fail)
    assert [get(node, path)[0] for path in ("/healthz", "/readyz", "/metrics")] == [200, 503, 500]
    assert "the page /readyz failed: DatabaseError at test_http.py" in caplog.text


def test_a_check_of_the_port_that_breaks_off_leaves_nothing_on_stderr(node, capfd):
    with socket.create_connection(("127.0.0.1", node.http.port)) as check:
        time.sleep(0.2)
        check.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    time.sleep(0.3)
    assert "Traceback" not in capfd.readouterr().err


def test_head_is_get_without_the_body(node):
    request = urllib.request.Request(f"http://127.0.0.1:{node.http.port}/healthz", method="HEAD")
    with urllib.request.urlopen(request, timeout=10) as reply:
        assert (reply.status, int(reply.headers["Content-Length"]) > 0, reply.read()) == (200, True, b"")


def test_an_address_that_is_taken_is_said_in_a_sentence(settings, running, config_file):
    with running() as node:
        settings["http"]["port"], settings["spool"] = node.http.port, settings["spool"] + "2"
        with pytest.raises(InputError, match=r"cannot be listened on \(Address already in use\).*set http.port"):
            Node(read_config(config_file())).start()
        settings["http"]["port"], settings["receive"]["port"] = 0, node.receiver.port
        with pytest.raises(InputError, match=r"set receive.port"):
            Node(read_config(config_file())).start()
