"""Connections that are encrypted, and on which both sides say who they are."""

import socket
import ssl

import pytest
from pynetdicom import AE, evt
from pynetdicom.sop_class import CTImageStorage

from bundle.errors import InputError
from bundle.node import Node, read_config
from tests.node.conftest import RESULTS, associate, send, wait_for
from tests.node.test_answers import answered

pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in. <s:pytest.PytestUnraisableExceptionWarning")


def client(authority, certificate="node", oldest=ssl.TLSVersion.TLSv1_2):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = max(oldest, ssl.TLSVersion.TLSv1_2)
    context.load_verify_locations(authority / "ca.pem")
    if certificate:
        context.load_cert_chain(authority / f"{certificate}.pem", authority / f"{certificate}.key")
    return {"tls_args": (context, "127.0.0.1")}


def test_only_who_has_a_certificate_of_the_authority_is_let_in(settings, running, tls, authority, study):
    settings["receive"].update(tls=tls, acse_timeout_s=2)
    with running() as node:
        assert send(node, study(), **client(authority)) == [0] * 4
        for options in ({}, client(authority, None), client(authority, "stranger")):
            assert not associate(node, **options).is_established
        assert node.tally.total("rejected", reason="connection") == 3


def test_connections_that_never_shake_hands_block_nobody(settings, running, tls, authority, study):
    settings["receive"].update(tls=tls, acse_timeout_s=3)
    with running() as node:
        silent = [socket.create_connection(("127.0.0.1", node.receiver.port)) for _ in range(8)]
        for each in silent:
            each.sendall(b"\x16")
        assert send(node, study(), **client(authority)) == [0] * 4
        for each in silent:
            each.settimeout(10)
            assert each.recv(1) == b""
            each.close()


def test_answers_go_to_a_pacs_with_tls(settings, running, tls, authority, study):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority / "ca.pem")
    context.load_cert_chain(authority / "node.pem", authority / "node.key")
    entity, stored = AE("PACS"), []
    for each in RESULTS:
        entity.add_supported_context(each)
    server = entity.start_server(
        ("127.0.0.1", 0), block=False, ssl_context=context,
        evt_handlers=[(evt.EVT_C_STORE, lambda event: stored.append(event.request.AffectedSOPClassUID) or 0)],
    )  # fmt: skip
    settings["destinations"][0].update(port=server.server_address[1], tls=tls)
    with running() as node:
        send(node, study())
        wait_for(answered(node))
    server.shutdown()
    assert set(stored) == set(RESULTS)
    assert CTImageStorage not in stored


@pytest.mark.parametrize(
    ("key", "said"), [("ca", "certificate of an authority"), ("key", "no certificate with its key")]
)
def test_a_file_that_cannot_be_used_is_said_in_a_sentence(settings, config_file, tls, tmp_path, key, said):
    (tmp_path / "empty.pem").write_text("")
    settings["destinations"][0]["tls"] = {**tls, key: str(tmp_path / "empty.pem")}
    with pytest.raises(InputError, match=said):
        Node(read_config(config_file()))
