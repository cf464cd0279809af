"""A node in this process, a PACS that gets its answers, and studies to send."""

import json
import logging
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, _config, evt
from pynetdicom.sop_class import (
    Comprehensive3DSRStorage,
    CTImageStorage,
    KeyObjectSelectionDocumentStorage,
    SecondaryCaptureImageStorage,
)

from bundle.node import Node, example, read_config
from bundle.node.bounded import discard
from bundle.phantom import Conformant, make_head
from bundle.phantom.dicom import slice_dataset
from tests.node.stand_in import PLAIN, command

SLICES = 4
PATIENCE = 30.0
RESULTS = (Comprehensive3DSRStorage, SecondaryCaptureImageStorage, KeyObjectSelectionDocumentStorage)


@pytest.fixture(scope="session")
def head():
    return make_head(5, slices=SLICES + 2, size=32, bleed=("subdural",))


@pytest.fixture(scope="session")
def study(head) -> Callable[..., list[Dataset]]:
    """Return the slices of a conformant study, by its number."""

    def make(number: int = 0, slices: int = SLICES, kind: Conformant | None = None) -> list[Dataset]:
        made = []
        for index in range(slices):
            dataset = slice_dataset(head, index, ("node", number))
            (kind or Conformant()).complete(dataset, head, index, ("node", number))
            made.append(dataset)
        return made

    return make


class Pacs:
    """Takes answers, as a PACS does: once each; a second one of the same UID must be the same."""

    def __init__(self) -> None:
        self.objects: dict[str, Dataset] = {}
        self.order: list[str] = []
        self.associations = 0
        self.status = 0x0000
        self.statuses: dict[str, int] = {}
        self.port = 0
        self._server = None
        self._lock = threading.Lock()

    def start(self, classes=RESULTS, syntaxes=(ExplicitVRLittleEndian, ImplicitVRLittleEndian), calling=()) -> None:
        entity = AE("PACS")
        entity.require_called_aet = True
        entity.require_calling_aet = list(calling)
        for each in classes:
            entity.add_supported_context(each, list(syntaxes))
        handlers = [
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_ACCEPTED, self._accepted),
            # A node that ends, or a clock that jumps, can leave an object half received.
            (evt.EVT_CONN_CLOSE, lambda event: discard(event.assoc.dimse)),
        ]
        self._server = entity.start_server(("127.0.0.1", self.port), block=False, evt_handlers=handlers)
        self.port = self._server.server_address[1]

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server = None

    def _accepted(self, event) -> None:
        self.associations += 1

    def _store(self, event) -> int:
        dataset = event.dataset
        dataset.walk(lambda parent, element: element.value)  # whose file is gone afterwards
        with self._lock:
            uid = str(dataset.SOPInstanceUID)
            self.order.append(uid)
            status = self.statuses.get(dataset.Modality, self.status)
            if status in (0x0000, 0xB000):
                assert self.objects.setdefault(uid, dataset) == dataset, "another object under the same UID"
        return status

    def kinds(self, study_uid: str | None = None) -> list[str]:
        """Return the modalities of the objects of a study, sorted."""
        return sorted(
            each.Modality for each in self.objects.values() if study_uid in (None, str(each.StudyInstanceUID))
        )


@pytest.fixture
def pacs():
    pacs = Pacs()
    pacs.start()
    yield pacs
    pacs.stop()


@pytest.fixture
def settings(tmp_path, pacs) -> dict:
    """The config of a node, to be changed before it starts."""
    content = example()
    content["spool"], content["export"] = str(tmp_path / "spool"), str(tmp_path / "exported")
    content["receive"].update(port=0, acse_timeout_s=5, network_timeout_s=20)
    content["receive"]["peers"] = [{"ae_title": "CT", "addresses": ["127.0.0.1"]}]
    content["complete"] = {"quiet_s": 0.5, "ceiling_s": 10}
    content["destinations"] = [{"name": "pacs", "ae_title": "PACS", "host": "127.0.0.1", "port": pacs.port}]
    content["send"] = {"retry_s": 0.2, "retry_max_s": 0.5, "timeout_s": 5}
    content["disk"] = {"reserve_mb": 0, "reserve_percent": 0}
    content["http"] = {"port": 0}
    (tmp_path / "exported").mkdir()
    return content


@pytest.fixture
def mode(settings) -> Callable[..., None]:
    """Say what the worker does with the next study."""

    def set_mode(**values: object) -> None:
        (Path(settings["export"]) / "mode.json").write_text(json.dumps(values))

    return set_mode


@pytest.fixture
def config_file(settings, tmp_path) -> Callable[[], Path]:
    def write() -> Path:
        path = tmp_path / "node.json"
        path.write_text(json.dumps(settings))
        return path

    return write


@pytest.fixture
def running(config_file):
    """Run a node within a block; what it left is stopped in any case."""
    chunked = _config.STORE_RECV_CHUNKED_DATASET

    @contextmanager
    def run(*arguments: str):
        node = Node(read_config(config_file()), command(*(arguments or (PLAIN,))))
        node.start()
        try:
            yield node
        finally:
            node.stop()
            _config.STORE_RECV_CHUNKED_DATASET = chunked
            logging.getLogger("bundle.node").handlers = []

    return run


@pytest.fixture
def node(running):
    with running() as node:
        yield node


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """An authority, and certificates of its own and of another."""
    folder = tmp_path_factory.mktemp("tls")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    for name in ("ca", "stranger"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-days", "2",
                "-keyout", f"{name}.key", "-out", f"{name}.pem")  # fmt: skip
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=node", "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", "node.key", "-out", "node.csr")  # fmt: skip
    openssl("x509", "-req", "-in", "node.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2",
            "-copy_extensions", "copy", "-out", "node.pem")  # fmt: skip
    return folder


@pytest.fixture
def tls(authority):
    return {
        "certificate": str(authority / "node.pem"),
        "key": str(authority / "node.key"),
        "ca": str(authority / "ca.pem"),
    }


def associate(node: Node, calling: str = "CT", called: str = "BRAIN_CT_AI", contexts=None, **options):
    entity = AE(calling)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 30
    for context in contexts or [(CTImageStorage, ExplicitVRLittleEndian)]:
        entity.add_requested_context(*context)
    return entity.associate("127.0.0.1", node.receiver.port, ae_title=called, **options)


def send(node: Node, datasets: list[Dataset], **options) -> list[int]:
    """Send objects in an association of their own, and return the status of each."""
    pairs = sorted({(str(each.SOPClassUID), str(each.file_meta.TransferSyntaxUID)) for each in datasets})
    association = associate(node, contexts=pairs, **options)
    assert association.is_established
    statuses = [association.send_c_store(each).get("Status") for each in datasets]
    association.release()
    return statuses


def wait_for(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until something is true, and fail where it does not become so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not become true"
        time.sleep(0.02)


def jobs(node: Node) -> list[tuple[int, str]]:
    return [tuple(row) for row in node.journal.read("SELECT id, state FROM job ORDER BY id")]


def states(node: Node) -> list[str]:
    return [state for _, state in jobs(node)]


def pytest_collection_modifyitems(items):
    """Let sockets be that pynetdicom leaves to the garbage collector, in whichever test that runs."""
    ignored = "ignore:Exception ignored in. <s:pytest.PytestUnraisableExceptionWarning"
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.filterwarnings(ignored))
