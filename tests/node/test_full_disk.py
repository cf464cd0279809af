"""A disk that is full while a node receives, scores or writes: nothing is lost, and it goes on when there is room."""

import contextlib
import subprocess
import time

import pytest

from benchmarks.node_crash import ANSWER, make_studies
from tests.node.orthanc import needs_orthanc, orthanc
from tests.node.own_network import in_own_network, skip
from tests.node.process import NodeProcess, make_settings, send, wait_for

MB = 1_000_000


@pytest.fixture
def small_disk(tmp_path):
    """Return what mounts a file system of a few MB, in a test's own namespace, and fills it but for some bytes."""
    folder = tmp_path / "disk"
    folder.mkdir()

    class Disk:
        path, ballast = folder, folder / "ballast"

        def mount(self, megabytes):
            called = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder]
            done = subprocess.run(called, capture_output=True, text=True, check=False)
            if done.returncode:
                skip(f"this system mounts nothing here: {done.stderr.strip()}")

        def fill(self, left):
            """Fill the disk but for some bytes; all where `left` is 0."""
            with self.ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(4096))
            with self.ballast.open("r+b") as file:
                file.truncate(self.ballast.stat().st_size - left)

    return Disk()


@needs_orthanc
@in_own_network
def test_what_does_not_fit_is_refused_and_taken_when_there_is_room(tmp_path, small_disk):
    small_disk.mount(24)
    (slices,) = make_studies(1, 6, 512)
    with orthanc(tmp_path / "pacs") as pacs:
        node = NodeProcess(make_settings(tmp_path, spool=str(small_disk.path / "spool")), tmp_path)
        node.start()
        wait_for(lambda: node.ready()["ready"], what="ready")
        small_disk.fill(left=MB)
        statuses = send(slices)
        assert 0xA700 in statuses and set(statuses) <= {0x0000, 0xA700}, "the association went on"
        assert list((small_disk.path / "spool" / "incoming").iterdir()) == []
        small_disk.ballast.unlink()
        left = [each for each, status in zip(slices, statuses, strict=True) if status]
        assert set(send(left)) == {0x0000}
        wait_for(lambda: node.jobs().keys() == {"answered"}, what="answered")
        assert pacs.count() == ANSWER or pacs.count() == dict.fromkeys(ANSWER, 2), "late slices are answered, too"
        assert node.end() == 0


@needs_orthanc
@in_own_network
def test_a_study_waits_until_there_is_room_for_its_answer(tmp_path, small_disk):
    small_disk.mount(16)
    (slices,) = make_studies(1, 3, 512)
    with orthanc(tmp_path / "pacs") as pacs:
        node = NodeProcess(make_settings(tmp_path, spool=str(small_disk.path / "spool")), tmp_path)
        node.start()
        wait_for(lambda: node.ready()["ready"], what="ready")
        assert set(send(slices)) == {0x0000}
        small_disk.fill(left=0)
        time.sleep(8)
        assert pacs.count() == {}
        assert node.runs() and "set aside" not in node.said()
        small_disk.ballast.unlink()
        wait_for(lambda: node.jobs() == {"answered": 1}, what="answered")
        assert pacs.count() == ANSWER
        assert node.end() == 0


@needs_orthanc
@in_own_network
def test_below_the_reserve_nothing_is_received_or_scored(tmp_path, small_disk):
    small_disk.mount(24)
    (slices,) = make_studies(1, 2, 512)
    settings = make_settings(
        tmp_path, spool=str(small_disk.path / "spool"), disk={"reserve_mb": 8, "reserve_percent": 0}
    )
    with orthanc(tmp_path / "pacs") as pacs:
        node = NodeProcess(settings, tmp_path)
        node.start()
        small_disk.fill(left=4 * MB)
        assert send(slices) == [0xA700, 0xA700]
        wait_for(lambda: "the disk has no room beyond its reserve" in node.ready()["problems"], what="unready")
        small_disk.ballast.unlink()
        assert send(slices) == [0x0000, 0x0000]
        wait_for(lambda: node.jobs() == {"answered": 1}, what="answered")
        assert pacs.count() == ANSWER
        assert node.end() == 0
