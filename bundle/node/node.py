"""A node: all its parts, started in the order in which they need each other, and ended in the other."""

import logging
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bundle.errors import InputError
from bundle.node import jobs
from bundle.node.aside import show_set_aside
from bundle.node.background import Background
from bundle.node.completion import Completion
from bundle.node.config import Config, Destination, Source
from bundle.node.courier import Courier
from bundle.node.destination import Sender
from bundle.node.dispatcher import Dispatcher
from bundle.node.housekeeping import Housekeeping
from bundle.node.http_server import HttpServer
from bundle.node.intake import Intake
from bundle.node.journal import Journal
from bundle.node.log import Pseudonyms
from bundle.node.pages import pages
from bundle.node.receiver import Receiver
from bundle.node.repair import repair
from bundle.node.spool import Spool
from bundle.node.tally import Tally

if TYPE_CHECKING:
    from bundle.node.polling import Poller

logger = logging.getLogger(__name__)

WORKER = (sys.executable, "-m", "bundle.node.inference")
"""Command of the worker that scores."""

_END = 8.0
"""Seconds that a running study has to end, of the ten after which a service manager kills."""


class Node:
    """Receives heads, has them scored, sends the answers.

    Args:
        config: of it.
        worker: command that runs a worker, see `bundle.node.worker`.

    Raises:
        InputError: when a file that the config names cannot be used.
    """

    def __init__(self, config: Config, worker: Sequence[str] = WORKER) -> None:
        self.config = config
        self.tally = Tally()
        self.spool = Spool(config.spool, config.disk.reserve_mb, config.disk.reserve_percent)
        self.completion = Completion(config.complete)
        self._command = worker
        self._senders = {each.name: make_sender(each, config) for each in config.destinations}
        self.http = HttpServer(config.http, pages(self))

    def start(self) -> None:
        """Go on where the last node on this spool ended, and listen.

        Raises:
            InputError: when spool, journal or addresses cannot be used.
        """
        config = self.config
        self._tempdir = tempfile.tempdir
        self.spool.open()
        try:
            self.journal = Journal(self.spool.journal)
            repair(self.spool, self.journal)
            for study in jobs.replay(self.journal, [each.name for each in config.destinations]):
                self.completion.collected(study)
            show_set_aside(self.spool, self.journal)
            names = Pseudonyms(_salt(self.journal))
            intake = Intake(self.spool, self.journal, self.completion, self.tally, config.receive.max_instances)
            self.couriers = [
                Courier(each, self._senders[each.name], config.send, self.spool, self.journal, self.tally)
                for each in config.destinations
            ]
            self.receiver = Receiver(config.receive, self.spool, intake, self.completion, self.tally, self._committed)
            self.pollers = [make_poller(each, self, intake) for each in config.sources]
            self.dispatcher = Dispatcher(
                config, self._command, self.spool, self.journal, self.tally, names, self._wake_couriers
            )
            self.housekeeping = Housekeeping(
                config.keep, self.spool, self.journal, self.completion, self.receiver.sweep, self.dispatcher.wake
            )
            self._background: list[Background] = [self.dispatcher, *self.couriers, *self.pollers, self.housekeeping]
            self._listen()
        except BaseException:
            self.spool.close()
            raise
        for each in self._background:
            each.start()
        receive, http = config.receive, config.http
        logger.info("%s listens on %s port %d", receive.ae_title, receive.host, self.receiver.port)
        logger.info("takes objects of %s", ", ".join(sorted({each.ae_title for each in receive.peers})))
        logger.info("sends answers to %s", ", ".join(each.name for each in config.destinations))
        logger.info("tells how it is on http://%s:%d/readyz", http.host, self.http.port)

    def stop(self) -> None:
        """Accept nothing more, end the running study or leave it for the next start, and close all."""
        logger.info("ends")
        end = time.monotonic() + _END
        self.receiver.stop()
        for poller in self.pollers:
            poller.stop(max(0.1, end - time.monotonic()))
        self.housekeeping.stop()
        self.dispatcher.stop(end - time.monotonic())
        for courier in self.couriers:
            courier.stop(max(0.1, end - time.monotonic()))
        self.http.stop()
        self.journal.close()
        tempfile.tempdir = self._tempdir
        self.spool.close()

    def about_worker(self) -> Mapping[str, Any] | None:
        """Return what the worker scores with, None where there is none."""
        return self.dispatcher.about

    def problems(self) -> list[str]:
        """Return why the node is not ready, a clause each."""
        found = [f"no worker: {self.dispatcher.problem}"] if self.dispatcher.about is None else []
        if not self.spool.has_room():
            found.append("the disk has no room beyond its reserve")
        found += [f"{each.task} waits: {each.stuck}" for each in self._background if each.stuck]
        found += [f"{each.name} {each.problem}" for each in self.couriers if each.problem]
        return found + [f"the source {each.name} {each.problem}" for each in self.pollers if each.problem]

    def _listen(self) -> None:
        receive, http = self.config.receive, self.config.http
        try:
            self.http.start()
        except OSError as error:
            raise _taken("http", http.host, http.port, error) from error
        try:
            self.receiver.start()
        except OSError as error:
            self.http.stop()
            raise _taken("receive", receive.host, receive.port, error) from error

    def _committed(self, ae_title: str, uids: Sequence[str], lost: Sequence[str]) -> None:
        """Hand on what a PACS says that it keeps."""
        for courier, destination in zip(self.couriers, self.config.destinations, strict=True):
            if destination.commitment and destination.ae_title == ae_title:
                courier.committed(uids, lost)

    def _wake_couriers(self) -> None:
        for courier in self.couriers:
            courier.wake()


def make_sender(destination: Destination, config: Config) -> Sender:
    """Return what sends to a destination.

    Raises:
        InputError: when a file that it needs cannot be used.
    """
    if destination.url:
        from bundle.node.stow_rs import StowRs

        return StowRs(destination, config.send.timeout_s)
    from bundle.node.c_store import CStore

    return CStore(destination, config.receive.ae_title, config.send.timeout_s)


def make_poller(source: Source, node: Node, intake: Intake) -> "Poller":
    """Return what asks a source.

    Raises:
        InputError: when a file that it needs cannot be used.
    """
    from bundle.node.polling import Poller

    return Poller(source, node.spool, node.journal, intake, node.completion, node.tally)


def _salt(journal: Journal) -> str:
    with journal.transaction() as connection:
        connection.execute("INSERT OR IGNORE INTO about VALUES ('salt', ?)", (secrets.token_hex(),))
    return str(journal.read("SELECT value FROM about WHERE key = 'salt'")[0]["value"])


def _taken(part: str, host: str, port: int, error: OSError) -> InputError:
    problem = f"the address {host}:{port} cannot be listened on ({error.strerror or os.strerror(error.errno or 0)})"
    return InputError(problem, f"end what listens there, or set {part}.port")
