"""A node as a process: runs until it is told to end."""

import logging
import os
import signal
import threading
import warnings
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from pynetdicom import _config

from bundle.node.config import Config
from bundle.node.log import start_log
from bundle.node.node import WORKER, Node

logger = logging.getLogger(__name__)


def serve(config: Config, worker: Sequence[str] = WORKER, log_phi: bool = False) -> NoReturn:
    """Run a node until SIGTERM or Ctrl-C, with which the process ends.

    Args:
        config: of it.
        worker: see `Node`.
        log_phi: whether what libraries log is written, too, which names patients and studies.

    Raises:
        InputError: see `Node.start`.
    """
    os.umask(0o077)
    start_log(libraries=log_phi)
    _config.LOG_REQUEST_IDENTIFIERS = _config.LOG_RESPONSE_IDENTIFIERS = log_phi
    _config.LOG_HANDLER_LEVEL = "standard" if log_phi else "none"
    # A warning or the traceback of a thread could hold a value of a header.
    if not log_phi:
        warnings.simplefilter("ignore")
    threading.excepthook = _no_traceback
    told = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    node = Node(config, worker)
    node.start()
    while not told.wait(1.0):
        pass
    node.stop()
    # Threads of connections that a peer does not close are not waited for; all that counts is on the disk.
    logging.shutdown()
    os._exit(0)


def _no_traceback(arguments: threading.ExceptHookArgs) -> None:
    """Say of a thread that failed no more than how."""
    name = arguments.thread.name.partition("@")[0] if arguments.thread else "a thread"
    logger.error("%s failed with %s", name, arguments.exc_type.__name__)
