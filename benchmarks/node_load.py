"""Many studies at once on several associations: are all answered, how fast are they received, and at what cost?

python -m benchmarks.node_load EXPORT
"""

import multiprocessing
import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pydicom import Dataset
from pynetdicom import AE, StoragePresentationContexts, _config, evt

from benchmarks.node_crash import ANSWER, make_studies
from tests.node.orthanc import orthanc
from tests.node.own_network import run_in_own_network
from tests.node.process import AE_TITLE, NODE, PORT, STAND_IN, NodeProcess, make_settings, send, wait_for

PATIENCE = 7200.0
_MB = 1e6
_ATTEMPTS = 5


def main(
    export: str | None = None, studies: int = 50, slices: int = 40, size: int = 512, associations: int = 4
) -> None:
    """Print the rate at which the node receives as a ratio to a bare SCP, and what memory and disk it takes.

    The bare SCP is pynetdicom's, which writes each object to a file and syncs it.

    Args:
        export: folder of exported files; the worker invents its answers if left out.
        studies: number of them.
        slices: of each.
        size: rows and columns of a slice.
        associations: on which they are sent at once.
    """
    with tempfile.TemporaryDirectory() as folder:
        run_in_own_network(_print, Path(folder), export, studies, slices, size, associations)


class Outcome(NamedTuple):
    """What a run came to."""

    answered: int
    """Studies with exactly one of each object in Orthanc."""
    rate: float
    """Objects a second that the node received."""
    bare: float
    """That of the bare SCP."""
    seconds: float
    """From the first object to the last answer."""
    memory: Sequence[float]
    """MB of node and worker together, at each tenth of the answers; the largest until then."""
    disk: float
    """Largest size of the spool over that of what was received."""


def _print(folder: Path, export: str | None, studies: int, slices: int, size: int, associations: int) -> None:
    outcome = run(folder, export, studies, slices, size, associations)
    memory = " ".join(f"{value:.0f}" for value in outcome.memory)
    print(
        f"{outcome.answered} of {studies} studies of {slices} slices of {size}² answered in {outcome.seconds:.0f} s; "
        f"{associations} associations: {outcome.rate:.1f} objects/s, {outcome.rate / outcome.bare:.2f} of a bare SCP "
        f"({outcome.bare:.1f}); node and worker at most {max(outcome.memory):.0f} MB (by tenths of the answers: "
        f"{memory}); spool at most {outcome.disk:.2f} of what was received"
    )


def run(folder: Path, export: str | None, studies: int, slices: int, size: int, associations: int) -> Outcome:
    """Send all at once, in a network of its own, and wait for the answers."""
    made = list(make_studies(studies, slices, size))
    with _bare_scp(folder / "bare"):
        bare = _rate(made, associations)
    settings = make_settings(folder, **({"export": export} if export else {}), complete={"quiet_s": 5})
    node = NodeProcess(settings, folder, NODE if export else STAND_IN)
    with orthanc(folder / "pacs") as pacs:
        node.start()
        wait_for(lambda: node.ready()["ready"], PATIENCE, "ready")
        watch = _Watch(node, Path(settings["spool"]), studies)
        watch.start()
        begun = time.monotonic()
        rate = _rate(made, associations)
        wait_for(lambda: node.jobs() == {"answered": studies}, PATIENCE, "all answered")
        seconds = time.monotonic() - begun
        watch.stop()
        answered = sum(pacs.count(str(study[0].StudyInstanceUID)) == ANSWER for study in made)
        assert node.end() == 0, "the node ended with a failure"
    sent = sum(path.stat().st_size for path in (folder / "bare").iterdir())
    return Outcome(answered, rate, bare, seconds, watch.memory, watch.disk / sent)


@contextmanager
def _bare_scp(folder: Path) -> Iterator[None]:
    """Run a Storage SCP that does no more than write objects and sync them, in a process of its own as the node is.

    Args:
        folder: for the files.
    """
    folder.mkdir()
    process = multiprocessing.get_context("fork").Process(target=_serve_bare, args=(folder,), daemon=True)
    process.start()
    try:
        wait_for(_listens, what="listening")
        yield
    finally:
        process.kill()
        process.join()


def _listens() -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", PORT)) == 0


def _serve_bare(folder: Path) -> None:
    def store(event: evt.Event) -> int:
        with (folder / f"{event.request.AffectedSOPInstanceUID}.dcm").open("wb") as file:
            file.write(event.encoded_dataset())
            file.flush()
            os.fsync(file.fileno())
        return 0x0000

    # A node in the process from which this one was forked has set it; then no data set is handed over.
    _config.STORE_RECV_CHUNKED_DATASET = False
    entity = AE(AE_TITLE)
    entity.maximum_associations = 100  # those that are just ending count
    for context in StoragePresentationContexts:
        entity.add_supported_context(context.abstract_syntax)
    entity.start_server(("127.0.0.1", PORT), evt_handlers=[(evt.EVT_C_STORE, store)])


class _Watch(threading.Thread):
    """Looks at memory and disk of a node twice a second."""

    def __init__(self, node: NodeProcess, spool: Path, studies: int) -> None:
        super().__init__(daemon=True)
        self._node, self._spool, self._studies = node, spool, studies
        self._ended = threading.Event()
        self.memory: list[float] = []
        self.disk = 0.0

    def run(self) -> None:
        """Note the largest values."""
        largest = 0.0
        while not self._ended.wait(0.5):
            largest = max(largest, sum(_resident(pid) for pid in _family(self._node.pid)))
            self.disk = max(self.disk, float(sum(_size(path) for path in self._spool.rglob("*"))))
            tenth = self._node.jobs().get("answered", 0) * 10 // self._studies
            self.memory += [largest] * (tenth - len(self.memory))

    def stop(self) -> None:
        """End."""
        self._ended.set()
        self.join()


def _rate(studies: Sequence[Sequence[Dataset]], associations: int) -> float:
    """Return how many objects a second are acknowledged when all are sent."""
    begun = time.monotonic()
    with ThreadPoolExecutor(associations) as pool:
        count = sum(pool.map(_send_all, studies))
    return count / (time.monotonic() - begun)


def _send_all(study: Sequence[Dataset]) -> int:
    """Send a study, again where an association broke, and return the number of its objects."""
    left = list(study)
    for _ in range(_ATTEMPTS):
        left = [each for each, status in zip(left, send(left), strict=True) if status != 0x0000]
        if not left:
            return len(study)
    raise AssertionError(f"{len(left)} objects were not acknowledged")


def _family(pid: int) -> Iterator[int]:
    """Yield a process and those that it started."""
    yield pid
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            yield from map(int, path.read_text().split())
        except OSError:  # a thread that has ended
            continue


def _resident(pid: int) -> float:
    """Return the MB of memory of a process, 0 of one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) * 1024 / _MB for line in lines if line.startswith("VmRSS"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0


if __name__ == "__main__":
    import fire

    fire.Fire(main)
