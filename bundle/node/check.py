"""What would run with a config, checked before anything is received."""

import socket
from collections.abc import Iterator
from pathlib import Path

from bundle.errors import InputError
from bundle.node.config import Config
from bundle.node.node import Node
from bundle.node.tls import server_context
from bundle.node.web import open_client
from bundle.runtime import read_export


def check(config: Config) -> Iterator[str]:
    """Yield lines that say what would run.

    Raises:
        InputError: when a file or an address that the config names cannot be used.
    """
    Node(config)
    for part, host in (("receive", config.receive.host), ("http", config.http.host)):
        _check_own(part, host)
    for source in config.sources:
        open_client(source.url, source.user_file, source.ca, 1.0).close()
    server_context(config.receive.tls)
    export = read_export(Path(config.export))
    receive = config.receive
    yield f"receives as {receive.ae_title} on {receive.host}:{receive.port}{', TLS' if receive.tls else ''}"
    for peer in receive.peers:
        yield f"  from {peer.ae_title} at {', '.join(peer.addresses)}"
    for source in config.sources:
        yield f"asks {source.name} at {source.url} every {source.every_s:g} s"
    yield f"scores with {config.runtime} of {', '.join(export.runtimes)}, version {export.version}"
    for each in config.destinations:
        place = each.url or f"{each.ae_title} at {each.host}:{each.port}{', TLS' if each.tls else ''}"
        yield f"sends {', '.join(each.objects)} to {each.name}, {place}"
    yield f"keeps its files in {config.spool}"


def _check_own(part: str, host: str) -> None:
    """Check that a host can be listened on, on whichever port, as a node may be running on that of the config.

    Raises:
        InputError: when it is none of this machine.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as listener:
            listener.bind(address)
    except (OSError, UnicodeError) as error:
        problem = f"{part}.host {host!r} is no address of this machine ({getattr(error, 'strerror', None) or error})"
        raise InputError(problem, f"set {part}.host to one, or to 0.0.0.0 for all of them") from error
