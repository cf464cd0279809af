import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from bundle.errors import InputError
from bundle.parallel import map_in_processes, process_pool

ROOT = Path(__file__).parents[2]
OWN = os.getpid()


@pytest.fixture
def soon(monkeypatch):
    """Start processes after the first item."""
    monkeypatch.setattr(process_pool, "ALONE", 0)


def slowly_here(item):
    """Leave work to the other processes; return who did it."""
    if multiprocessing.parent_process() is None:
        time.sleep(0.1)
    return item, os.getpid()


def threads(item):
    return slowly_here(item)[1], [library["num_threads"] for library in threadpool_info()]


def test_results_of_several_processes_are_in_order(soon):
    offset = np.arange(3)
    results = list(map_in_processes(lambda item: (item + offset, slowly_here(item)[1]), range(300), 300, 2))
    assert [result.tolist() for result, _ in results] == [[item, item + 1, item + 2] for item in range(300)]
    pids = [pid for _, pid in results]
    assert pids[0] == OWN and len(set(pids)) > 1


def test_each_process_computes_in_one_thread(soon):
    others = [found for pid, found in map_in_processes(threads, range(200), 200, 2) if pid != OWN]
    assert others and all(found and set(found) == {1} for found in others)


def test_little_work_and_one_process_are_done_here(soon, monkeypatch):
    monkeypatch.setattr(multiprocessing, "get_context", None)
    assert list(map_in_processes(slowly_here, range(4), 4, 1)) == [(item, OWN) for item in range(4)]
    assert list(map_in_processes(slowly_here, range(4), 4, 2, starting=60)) == [(item, OWN) for item in range(4)]


class SlowToArrive:
    def __setstate__(self, state):
        time.sleep(5)

    def __call__(self, item):
        time.sleep(0.01)
        return item

    def __getstate__(self):
        return {"state": "there must be one"}


def test_processes_that_come_too_late_are_not_waited_for(soon):
    start = time.monotonic()
    assert list(map_in_processes(SlowToArrive(), range(3), 3, 2)) == [0, 1, 2]
    assert time.monotonic() - start < 4


def test_no_more_than_a_few_results_wait_for_the_one_who_takes_them(soon, tmp_path):
    def trace(item):
        (tmp_path / str(item)).touch()
        return slowly_here(item)[1]

    results = map_in_processes(trace, range(1000), 1000, 2)
    taken = 1
    while next(results) == OWN:
        taken += 1
    time.sleep(0.5)
    # As slow as this process is, an item a chunk is handed out.
    assert taken < len(list(tmp_path.iterdir())) <= taken + process_pool._AHEAD * 2
    results.close()


def test_an_error_of_another_process_is_raised_in_its_place(soon):
    def fail(item):
        if slowly_here(item)[1] != OWN and item >= 50:
            raise InputError(f"item {item} is damaged; copy it again")
        return item

    results = map_in_processes(fail, range(1000), 1000, 2)
    got = []
    with pytest.raises(InputError, match=r"^item \d+ is damaged; copy it again$") as caught:
        got.extend(results)
    assert f"item {max(50, len(got))} is" in str(caught.value)
    assert got == list(range(len(got)))


@pytest.fixture
def working():
    """A program that several processes work for, in a group of its own."""
    program = textwrap.dedent(
        """
        import os, time
        from bundle.command import run_command
        from bundle.parallel import map_in_processes, process_pool

        process_pool.ALONE = 0

        def work(item):
            time.sleep(0.1)
            return os.getpid()

        def main():
            for process in map_in_processes(work, range(100_000), 100_000, 2):
                print(process, flush=True)

        run_command(main)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        # A shell in the background leaves it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as running:  # fmt: skip
        at_work = {str(running.pid)}
        while len(at_work) < 3 and (process := running.stdout.readline()):
            at_work.add(process.strip())
        assert len(at_work) == 3, "itself and two others"
        yield running
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)


def test_ctrl_c_is_answered_once(working):
    os.killpg(working.pid, signal.SIGINT)
    assert working.communicate(timeout=60)[1] == "Stopped: start the same command again\n"
    assert working.returncode == 130


def test_processes_end_with_the_one_that_started_them(working):
    working.kill()
    # The output ends when the last process that could write to it has ended.
    working.communicate(timeout=60)
    assert working.returncode == -signal.SIGKILL
