"""What would run with a config, checked before anything is received."""

from collections.abc import Iterator
from pathlib import Path

from bundle.node.config import Config
from bundle.node.node import Node
from bundle.node.tls import server_context
from bundle.node.web import open_client
from bundle.runtime import read_export


def check(config: Config) -> Iterator[str]:
    """Yield lines that say what would run.

    Raises:
        InputError: when a file that the config names cannot be used.
    """
    Node(config)
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
