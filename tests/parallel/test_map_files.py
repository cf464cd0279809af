import functools
import multiprocessing
import os
import time
from pathlib import Path

import pytest

from bundle.errors import InputError
from bundle.parallel import map_files, process_pool
from bundle.parallel.journal import keep_results


def length(file):
    if file.name == "bad":
        raise InputError("bad file")
    return len(file.name)


def content(file, times=1):
    """Return the text, and leave a trace of each call."""
    with (file.parent / "calls").open("a") as calls:
        calls.write(f"{file.name} {os.getpid()}\n")
    text = file.read_text()
    if text == "bad":
        raise InputError("bad file")
    return text * times


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / f"{index}.txt" for index in range(6)]
    for path in paths:
        path.write_text(path.stem)
    return paths


def called(files):
    path = files[0].parent / "calls"
    names = [line.split()[0].removesuffix(".txt") for line in path.read_text().splitlines()] if path.exists() else []
    path.unlink(missing_ok=True)
    return "".join(names)


def interrupt(files, journal, after, function=content):
    with pytest.raises(KeyboardInterrupt) as interrupted, keep_results(journal, "1"):
        for _, _ in zip(range(after), map_files(function, files, "test"), strict=False):
            pass
        raise KeyboardInterrupt
    assert interrupted.value.__notes__ == ["start the same command again, and it goes on where it was"]


def finish(files, journal, function=content):
    with keep_results(journal, "1"):
        return list(map_files(function, files, "test"))


def test_results_are_in_order_with_errors_in_their_place():
    first, bad, last = map_files(length, [Path("a"), Path("bad"), Path("ccc")], "test")
    assert (first, last) == (1, 3)
    assert isinstance(bad, InputError) and str(bad) == "bad file"


def worker(file):
    """Return who works, slowly where others are waited for."""
    if multiprocessing.parent_process() is None:
        time.sleep(0.1)
    return length(file), os.getpid()


def test_several_processes_give_the_same(monkeypatch):
    monkeypatch.setattr(process_pool, "ALONE", 0)
    monkeypatch.setattr(process_pool, "available_cores", lambda: 2)
    files = [Path("a" * (index % 7)) for index in range(1, 400)] + [Path("bad")]
    *results, bad = map_files(worker, files, "test")
    assert [result for result, _ in results] == [len(file.name) for file in files[:-1]]
    assert isinstance(bad, InputError)
    pids = {pid for _, pid in results}
    assert os.getpid() in pids and len(pids) > 1


def test_results_come_as_they_are_ready(files):
    next(map_files(content, files, "test"))
    assert called(files) == "0"


def test_what_was_read_before_an_interruption_is_not_read_again(files, tmp_path):
    interrupt(files, tmp_path / "j", after=3)
    assert called(files) == "012"
    assert finish(files, tmp_path / "j") == list("012345")
    assert called(files) == "345"
    assert not (tmp_path / "j").exists()


def test_known_and_unknown_files_may_alternate(files, tmp_path):
    interrupt(files[1::2], tmp_path / "j", after=3)
    called(files)
    assert finish(files[::-1], tmp_path / "j") == list("543210")
    assert called(files) == "420"


def test_a_changed_file_an_error_and_another_function_are_read_again(files, tmp_path):
    files[1].write_text("bad")
    interrupt(files[:3], tmp_path / "j", after=3)
    called(files)
    files[0].write_text("new")
    os.utime(files[2], ns=(0, time.time_ns()))
    first, bad, third = finish(files[:3], tmp_path / "j")
    assert (first, third) == ("new", "2") and isinstance(bad, InputError)
    assert called(files) == "012"
    interrupt(files[:1], tmp_path / "j", after=1)
    assert finish(files[:1], tmp_path / "j", functools.partial(content, times=2)) == ["newnew"]


def test_a_folder_is_read_again(tmp_path):
    (tmp_path / "f").mkdir()
    with keep_results(tmp_path / "j", "1") as journal:
        assert list(map_files(length, [tmp_path / "f", tmp_path / "none"], "test")) == [1, 4]
        assert journal.empty
