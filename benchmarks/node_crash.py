"""A node that is killed again and again, between two senders and Orthanc: is each study answered exactly once?

python -m benchmarks.node_crash
"""

import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pydicom
from pydicom import Dataset

from bundle.node.crash_points import POINTS, VARIABLE, WHILE_PURGING
from bundle.node.journal import Journal
from bundle.node.spool import Spool, uid_key
from bundle.phantom import Conformant, make_head
from bundle.phantom.dicom import slice_dataset
from tests.conftest import ROOT
from tests.node.orthanc import Pacs, orthanc
from tests.node.own_network import run_in_own_network
from tests.node.process import AE_TITLE, PORT, SENDER, NodeProcess, make_settings, send, wait_for

ANSWER = {"KO": 1, "OT": 1, "SR": 1}
STARTING, LATEST = 0.25, 5.0
"""Share of the kills that come while the node starts; seconds after it listens within which the others come."""
PATIENCE = 600.0
_ANSWER = 3.0
"""Seconds that a sender waits for an answer; less than the quiet time, so that it is back before that is over."""
STORESCU = shutil.which("storescu", path="/usr/bin:/usr/local/bin")
"""dcmtk's; pynetdicom installs another beside Python."""


def main(studies: int = 30, slices: int = 12, kills: int = 40, seed: int = 0, quiet: float = 20) -> None:
    """Print how often the node was killed, and what Orthanc and the spool hold in the end.

    Args:
        studies: number of them; half are sent by pynetdicom, half by dcmtk's storescu.
        slices: of each study.
        kills: number of SIGKILLs at random instants, beside one at each named point.
        seed: of the instants.
        quiet: seconds after which a study is complete; where a sender tries again later than that, the node has
            answered the part that it had, and answers the whole, too.
    """
    with tempfile.TemporaryDirectory() as folder:
        run_in_own_network(_print, Path(folder), studies, slices, kills, seed, quiet)


def _print(folder: Path, studies: int, slices: int, kills: int, seed: int, quiet: float) -> None:
    begun = time.monotonic()
    outcome = run(folder, studies, slices, kills, seed, quiet)
    for line in outcome.problems:
        print(line)
    print(
        f"{outcome.kills} kills at random instants ({outcome.unborn} before it listened) and {len(POINTS)} at named "
        f"points, {outcome.attempts} associations of senders: {outcome.exact} of {studies} studies have exactly one "
        f"SR, SC and KO, {outcome.parts} were answered in part first, {len(outcome.problems)} problems, "
        f"{time.monotonic() - begun:.0f} s"
    )
    assert not outcome.problems


class Outcome(NamedTuple):
    """What a run came to."""

    kills: int
    unborn: int
    """Kills before the node listened."""
    attempts: int
    """Associations of the senders."""
    exact: int
    """Studies with exactly one of each object."""
    parts: int
    """Studies that were answered twice, because a sender paused for longer than the quiet time."""
    problems: Sequence[str]


class Sender(threading.Thread):
    """Sends studies, one after the other, each until all of it is acknowledged.

    Args:
        studies: to send.
        folder: for their files.
        by_dcmtk: whether storescu sends.
    """

    def __init__(self, studies: Sequence[Sequence[Dataset]], folder: Path, by_dcmtk: bool) -> None:
        super().__init__(daemon=True)
        self._studies, self._folder, self._by_dcmtk = studies, folder, by_dcmtk
        self.gate, self.attempts = threading.Semaphore(0), 0

    def run(self) -> None:
        """Send a study whenever the gate is released."""
        for number, study in enumerate(self._studies):
            self.gate.acquire()
            left = list(study)
            while left:
                self.attempts += 1
                left = self._by_storescu(number, left) if self._by_dcmtk else _by_pynetdicom(left)
                time.sleep(0.2 if left else 0)

    def _by_storescu(self, number: int, study: Sequence[Dataset]) -> Sequence[Dataset]:
        """Return all, where not all was acknowledged: storescu does not say which."""
        folder = self._folder / str(number)
        if not folder.exists():
            folder.mkdir(parents=True)
            for index, each in enumerate(study):
                each.save_as(folder / f"{index}.dcm", enforce_file_format=True)
        called = [STORESCU, "-aet", SENDER, "-aec", AE_TITLE, "127.0.0.1", str(PORT), *sorted(folder.iterdir())]
        done = subprocess.run(called, capture_output=True, check=False)
        return study if done.returncode else []


def _by_pynetdicom(study: Sequence[Dataset]) -> Sequence[Dataset]:
    return [each for each, status in zip(study, send(study, _ANSWER), strict=True) if status != 0x0000]


def run(folder: Path, studies: int, slices: int, kills: int, seed: int, quiet: float) -> Outcome:
    """Send studies to a node that is killed, in a network of its own, until all are answered."""
    instants = random.Random(seed)
    made = list(make_studies(studies, slices))
    settings = make_settings(folder, complete={"quiet_s": quiet, "ceiling_s": 600})
    node = NodeProcess(settings, folder)
    senders = [Sender(made[half::2], folder / f"sent_{half}", bool(half)) for half in (0, 1)]
    points = [point for point in POINTS if point != WHILE_PURGING]
    assert studies >= len(points), "each point needs a study"
    released, unborn = 0, 0

    def release(until: int) -> None:
        nonlocal released
        for study in range(released, until):
            senders[study % 2].gate.release()
        released = until

    with orthanc(folder / "pacs") as pacs:
        for each in senders:
            each.start()
        for kill in range(kills):
            release((kill + 1) * (studies - len(points)) // kills)
            if instants.random() < STARTING:
                node.launch()
                time.sleep(instants.uniform(0, 1))
                unborn += not node.listens()
            else:
                node.start()
                time.sleep(instants.uniform(0, LATEST))
            node.kill()
        for point in points:
            release(released + 1)
            node.launch(**{VARIABLE: point})
            assert node.wait(PATIENCE) == -9, f"the node did not die {point}:\n{node.said()[-2000:]}"
        node.start()
        wait_for(lambda: "answered" in node.jobs(), PATIENCE, "a first answer")
        _die_purging(node, settings["spool"])
        node.kill()
        node.start()
        for each in senders:
            each.join(PATIENCE)
        assert not any(each.is_alive() for each in senders), "not all was acknowledged"
        wait_for(lambda: node.jobs().keys() == {"answered"}, PATIENCE, "all answered")
        assert node.end() == 0, "the node ended with a failure"
        spool = Spool(settings["spool"])
        journal = Journal(spool.journal)
        problems = list(_problems(pacs, made, spool, journal))
        exact = sum(pacs.count(str(study[0].StudyInstanceUID)) == ANSWER for study in made)
    parts = sum(count > 1 for count in _answers(journal).values())
    return Outcome(kills, unborn, sum(each.attempts for each in senders), exact, parts, problems)


def _answers(journal: Journal) -> dict[str, int]:
    """Return how many answers there are of each study, each about other slices, by the key of the study."""
    rows = journal.read(
        "SELECT key, count(DISTINCT input) FROM job JOIN study ON study.id = job.study WHERE input != '' GROUP BY key"
    )
    return dict(map(tuple, rows))


def make_studies(studies: int, slices: int, size: int = 32) -> Iterator[list[Dataset]]:
    """Yield studies of one head, each of another patient."""
    head = make_head(5, slices=slices, size=size, bleed=("subdural",))
    for number in range(studies):
        made = []
        for index in range(slices):
            dataset = slice_dataset(head, index, ("node", number))
            Conformant().complete(dataset, head, index, ("node", number))
            made.append(dataset)
        yield made


def _die_purging(node: NodeProcess, spool: str) -> None:
    """Let the command that purges a study die while it does."""
    journal = Journal(Spool(spool).journal)
    job = journal.read("SELECT id FROM job WHERE state = 'answered' ORDER BY id LIMIT 1")[0][0]
    journal.close()
    called = [sys.executable, "-m", "scripts.serve", "purge", str(node.config), str(job)]
    done = subprocess.run(called, cwd=ROOT, env={**os.environ, VARIABLE: WHILE_PURGING}, check=False)
    assert done.returncode == -9, "the command did not die while it purged"


def _problems(pacs: Pacs, studies: Sequence[Sequence[Dataset]], spool: Spool, journal: Journal) -> Iterator[str]:
    answers = _answers(journal)
    for number, study in enumerate(studies):
        uid = str(study[0].StudyInstanceUID)
        count = answers.get(uid_key(uid), 0)
        if not count or pacs.count(uid) != dict.fromkeys(ANSWER, count):
            yield f"study {number} has {pacs.count(uid)} of {count} answers"
    rows = journal.read("SELECT key, name FROM instance JOIN study ON study.id = instance.study WHERE kept")
    kept, found = {spool.instance(row["key"], row["name"]) for row in rows}, set(spool.instances())
    yield from (f"{path} has no row" for path in found - kept)
    yield from (f"{path} is not there" for path in kept - found)
    yield from (f"{path} is half received" for path in spool.incoming.iterdir())
    filed = {each["SOPInstanceUID"]: each["ID"] for each in pacs.instances()}
    for row in journal.read("SELECT uid, file FROM object WHERE kept"):
        ours, theirs = spool.folder / row["file"], pydicom.dcmread(io.BytesIO(pacs.file(filed[row["uid"]])))
        if pydicom.dcmread(ours) != theirs:
            yield f"{ours.name} is another object in Orthanc"


if __name__ == "__main__":
    import fire

    fire.Fire(main)
