"""Who may open an association, and what becomes of those who misuse one."""

import socket
import threading
import time
from io import BytesIO

import pytest
from pynetdicom.dimse_messages import C_STORE_RQ
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.dsutils import encode
from pynetdicom.pdu_primitives import P_DATA
from pynetdicom.sop_class import CTImageStorage

from bundle.node.intake import Status
from tests.node.conftest import associate, send, wait_for
from tests.node.test_receiving import files


@pytest.mark.parametrize(
    ("options", "rejection"),
    [
        ({"calling": "OTHER"}, (1, 3)),
        ({"called": "OTHER"}, (1, 7)),
        ({"bind_address": ("127.0.0.2", 0)}, (1, 3)),
    ],
    ids=["unknown calling AE", "wrong called AE", "listed AE from another address"],
)
def test_only_listed_peers_are_let_in(node, caplog, options, rejection):
    caplog.set_level("WARNING")
    for _ in range(3):
        association = associate(node, **options)
        assert association.is_rejected
        answer = association.acceptor.primitive
        assert (answer.result_source, answer.diagnostic) == rejection
    lines = [record for record in caplog.records if record.name.startswith("bundle.node")]
    assert len(lines) == 1, "a line a minute"
    assert node.tally.total("rejected") == 3


def test_no_more_associations_than_a_peer_and_the_node_may_have(settings, running):
    settings["receive"].update(max_associations=3, max_associations_per_peer=2)
    settings["receive"]["peers"] += [{"ae_title": "MR", "addresses": ["127.0.0.0/8"]}]
    with running() as node:
        opened = [associate(node, calling) for calling in ("CT", "CT", "CT", "MR", "MR")]
        assert [each.is_established for each in opened] == [True, True, False, True, False]
        answer = opened[2].acceptor.primitive
        assert (answer.result, answer.result_source, answer.diagnostic) == (2, 3, 2)
        opened[0].release()
        wait_for(lambda: associate(node).is_established)
        for each in opened:
            each.abort()


def test_silent_connections_block_nobody_and_are_closed(settings, running, study):
    settings["receive"].update(acse_timeout_s=1.5)
    with running() as node:
        silent = [socket.create_connection(("127.0.0.1", node.receiver.port)) for _ in range(64)]
        assert send(node, study()) == [0] * 4
        for each in silent:
            each.settimeout(10)
            assert each.recv(1) == b""
            each.close()


def test_connections_from_elsewhere_keep_no_peer_out(node, study):
    place = ("127.0.0.1", node.receiver.port)
    silent = [socket.create_connection(place, source_address=("127.0.0.2", 0)) for _ in range(300)]
    assert send(node, study()) == [0] * 4
    for each in silent:
        each.close()


def pdus_of(association, dataset):
    """Return what a C-STORE of a large object sends."""
    request = C_STORE()
    request.MessageID, request.Priority = 1, 2
    request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = CTImageStorage, dataset.SOPInstanceUID
    dataset.add_new(0x00291010, "OB", bytes(600_000))
    request.DataSet = BytesIO(encode(dataset, False, True))
    message = C_STORE_RQ()
    message.primitive_to_message(request)
    return list(message.encode_msg(1, association.acceptor.maximum_length))


def begin_object(node, dataset):
    """Send the first half of an object."""
    association = associate(node)
    parts = pdus_of(association, dataset)
    for part in parts[: len(parts) // 2 + 1]:
        assert isinstance(part, P_DATA)
        association.dul.send_pdu(part)
    wait_for(lambda: files(node))
    return association


def test_of_an_aborted_object_nothing_is_left(node, study):
    first, second = study()[:2]
    assert send(node, [first]) == [0]
    begin_object(node, second).abort()
    wait_for(lambda: len(files(node)) == 1)
    assert send(node, [second]) == [0]


def test_of_aborted_objects_that_wait_nothing_is_left(node, study, monkeypatch):
    busy, goes_on = threading.Event(), threading.Event()

    def take(*_):
        busy.set()
        goes_on.wait(30)
        return Status.PROCESSING_FAILURE

    monkeypatch.setattr(node.receiver._intake, "take", take)
    association = associate(node)
    for dataset in study()[:3]:
        for part in pdus_of(association, dataset):
            association.dul.send_pdu(part)
    assert busy.wait(30)
    wait_for(lambda: len(files(node)) == 3)
    association.abort()
    goes_on.set()
    wait_for(lambda: not files(node) and not node.receiver.open_associations())


def test_of_an_object_whose_connection_broke_nothing_is_left(node, study):
    association = begin_object(node, study()[0])
    association.dul.socket.socket.shutdown(socket.SHUT_RDWR)
    wait_for(lambda: not files(node) and not node.receiver.open_associations())


def test_an_object_that_stalls_is_given_up(settings, running, study):
    settings["receive"].update(network_timeout_s=1)
    with running() as node:
        association = begin_object(node, study()[0])
        association.network_timeout = None
        wait_for(lambda: not files(node) and not node.receiver.open_associations())


def test_a_node_ends_while_an_association_is_only_begun(running):
    with running() as node:
        begun = socket.create_connection(("127.0.0.1", node.receiver.port))
        begun.sendall(b"\x01")
        wait_for(lambda: node.receiver._server.active_associations)
    begun.settimeout(5)
    assert begun.recv(1) == b""
    begun.close()


def test_a_pdu_that_never_ends_or_is_endless_is_given_up(settings, running):
    settings["receive"].update(network_timeout_s=1)
    with running() as node:
        endless = socket.create_connection(("127.0.0.1", node.receiver.port))
        endless.sendall(b"\x01\x00\xff\xff\xff\xff")
        endless.settimeout(5)
        assert endless.recv(1) == b""
        slow = socket.create_connection(("127.0.0.1", node.receiver.port))
        slow.sendall(b"\x01\x00\x00\x00\x01\x00")
        begun = time.monotonic()
        slow.settimeout(0.2)
        with pytest.raises((ConnectionError, EOFError)):
            while time.monotonic() - begun < 10:
                slow.send(b"\x00")
                try:
                    if slow.recv(1) == b"":
                        raise EOFError
                except TimeoutError:
                    pass
        slow.close()
        endless.close()


def test_an_ae_title_that_is_no_ascii_closes_that_connection_alone(node, study):
    with socket.create_connection(("127.0.0.1", node.receiver.port)) as raw:
        request = b"\x00\x01\x00\x00" + b"BRAIN_CT_AI".ljust(16) + b"\xff\xfe\xe4".ljust(16) + bytes(32)
        raw.sendall(b"\x01\x00" + len(request).to_bytes(4, "big") + request)
        raw.settimeout(10)
        assert raw.recv(100)[:1] in (b"", b"\x03", b"\x07")
    assert send(node, study()[:1]) == [0]
