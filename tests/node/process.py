"""A node as a process of its own, and who sends to it; run them in `tests.node.own_network`."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydicom import Dataset
from pynetdicom import AE

from bundle.node import example
from tests.conftest import ROOT
from tests.node.orthanc import AE_TITLE as PACS
from tests.node.orthanc import DICOM_PORT, DICOMWEB, PATIENCE
from tests.node.own_network import die_with_parent

AE_TITLE, PORT, HTTP_PORT = "BRAIN_CT_AI", 11112, 8080
SENDER = "CT"
STAND_IN = ("tests.node.stand_in",)
NODE = ("scripts.serve",)


def make_settings(folder: Path, **sections: dict[str, Any]) -> dict[str, Any]:
    """Return the config of a node that answers Orthanc quickly; `sections` change it."""
    settings: dict[str, Any] = {
        "spool": str(folder / "spool"),
        "export": str(folder / "exported"),
        "receive": {
            "ae_title": AE_TITLE, "port": PORT, "acse_timeout_s": 2, "network_timeout_s": 5,
            "peers": [{"ae_title": title, "addresses": ["127.0.0.1"]} for title in (SENDER, PACS)],
        },
        "destinations": [{"name": "pacs", "ae_title": PACS, "host": "127.0.0.1", "port": DICOM_PORT}],
        "complete": {"quiet_s": 2, "ceiling_s": 60},
        "send": {"retry_s": 0.5, "retry_max_s": 2, "timeout_s": 20},
        "disk": {"reserve_mb": 0, "reserve_percent": 0},
        "http": {"port": HTTP_PORT},
    }  # fmt: skip
    for name, values in sections.items():
        settings[name] = {**settings[name], **values} if isinstance(settings.get(name), dict) else values
    assert settings.keys() <= example().keys()
    return settings


def by_stow(**values: Any) -> dict[str, Any]:
    """Return a destination that is Orthanc's DICOMweb server."""
    return {"name": "archive", "url": DICOMWEB, **values}


class NodeProcess:
    """A node.

    Args:
        settings: its config.
        folder: for config and log.
        command: module and arguments that run it.
    """

    def __init__(self, settings: dict[str, Any], folder: Path, command: Sequence[str] = STAND_IN) -> None:
        self.config, self.log = folder / "node.json", folder / "node.log"
        self.config.write_text(json.dumps(settings))
        Path(settings["export"]).mkdir(exist_ok=True)
        self._command = [sys.executable, "-m", command[0], str(self.config), *command[1:]]
        self._process: subprocess.Popen | None = None

    def start(self, **environment: str) -> None:
        """Start it and wait until it listens."""
        self.launch(**environment)
        end = time.monotonic() + PATIENCE
        while not self.listens():
            assert self.runs() and time.monotonic() < end, f"the node did not start:\n{self.said()[-2000:]}"
            time.sleep(0.05)

    def launch(self, **environment: str) -> None:
        """Start it."""
        self._begin = len(self.said())
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, stdout=log, stderr=log,
                env={**os.environ, "OMP_NUM_THREADS": "1", **environment}, preexec_fn=die_with_parent,
            )  # fmt: skip

    def listens(self) -> bool:
        """Return whether it has said since it was started that it listens."""
        return "listens on" in self.said()[self._begin :]

    def said(self) -> str:
        """Return all that it has printed."""
        return self.log.read_text() if self.log.exists() else ""

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process is not None
        return self._process.pid

    def runs(self) -> bool:
        """Return whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End it as a power failure would."""
        self.end(signal.SIGKILL)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal, and return its exit status."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(PATIENCE)

    def wait(self, seconds: float = PATIENCE) -> int:
        """Return its exit status when it ends by itself."""
        assert self._process is not None
        return self._process.wait(seconds)

    def ready(self) -> dict[str, Any]:
        """Return what /readyz says, whether it is ready or not."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{HTTP_PORT}/readyz", timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as answer:
            return json.load(answer)

    def metrics(self) -> str:
        """Return what /metrics says."""
        with urllib.request.urlopen(f"http://127.0.0.1:{HTTP_PORT}/metrics", timeout=PATIENCE) as answer:
            return answer.read().decode()

    def jobs(self) -> dict[str, int]:
        """Return how many jobs are in each state."""
        return {state: count for state, count in self.ready()["jobs"].items() if count}


def send(datasets: Sequence[Dataset], timeout: float = PATIENCE) -> list[int | None]:
    """Send objects to the node in one association, and return the status of each; None where none came.

    Args:
        datasets: the objects.
        timeout: seconds for an answer; so long pynetdicom may wait where the node was killed meanwhile.
    """
    entity = AE(SENDER)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = timeout
    for each in {(str(one.SOPClassUID), str(one.file_meta.TransferSyntaxUID)) for one in datasets}:
        entity.add_requested_context(*each)
    association = entity.associate("127.0.0.1", PORT, ae_title=AE_TITLE)
    statuses: list[int | None] = []
    for each in datasets:
        if not association.is_established:
            break
        statuses.append(association.send_c_store(each).get("Status"))
    if association.is_established:
        association.release()
    return statuses + [None] * (len(datasets) - len(statuses))


def wait_for(true: Any, seconds: float = PATIENCE, what: str = "it") -> None:
    """Wait until something is true, and fail where it does not become so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what} did not become true in {seconds:g} s"
        time.sleep(0.1)
