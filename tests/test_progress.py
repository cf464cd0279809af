import re
import sys

import pytest
from tqdm import tqdm

import bundle.progress
from bundle.progress import progress, without_progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that each look at an item moves on by a number of seconds."""
    now = [0.0]
    monkeypatch.setattr(bundle.progress.time, "monotonic", lambda: now[0])

    def watch(items, seconds):
        for item in items:
            now[0] += seconds
            yield item

    return watch


def lines(capsys):
    captured = capsys.readouterr()
    assert not captured.out and "\r" not in captured.err
    return captured.err.splitlines()


def seen(capsys):
    """Return what the lines say of the work, without times."""
    return [line.split(",")[0] for line in lines(capsys)]


def test_quick_work_leaves_one_line(capsys, clock):
    assert list(progress(clock(range(20), 0.1), "reading", 20, mininterval=0)) == list(range(20))
    assert seen(capsys) == ["reading: 100% (20 of 20)"]


def test_a_server_says_nothing_of_how_far_it_is(capsys, clock):
    with without_progress():
        assert list(progress(clock(range(20), 60), "reading", 20, mininterval=0)) == list(range(20))
    assert lines(capsys) == []
    list(progress(clock(range(20), 0.1), "reading", 20, mininterval=0))
    assert seen(capsys) == ["reading: 100% (20 of 20)"]


def test_slow_work_has_a_line_every_ten_seconds_and_tenth(capsys, clock):
    list(progress(clock(range(40), 2.6), "reading", 40, mininterval=0))
    assert seen(capsys) == [f"reading: {done}% ({done * 2 // 5} of 40)" for done in range(10, 101, 10)] + [
        "reading: 100% (40 of 40)"
    ]


def test_very_slow_work_has_a_line_every_five_minutes(capsys, clock):
    list(progress(clock(range(40), 150), "reading", 40, mininterval=0, leave=False))
    assert seen(capsys)[:2] == ["reading: 5% (2 of 40)", "reading: 10% (4 of 40)"]


def test_a_line_says_the_time_that_is_left(capsys, monkeypatch):
    monkeypatch.setattr(bundle.progress, "_PAUSE", 0)
    with progress(total=4, desc="epochs", mininterval=0, leave=False) as bar:
        bar.start_t -= 60
        bar.update(2)
    assert lines(capsys) == ["epochs: 50% (2 of 4), 01:00 gone, 01:00 left"]


def test_without_a_total_the_time_alone_counts(capsys, clock):
    list(progress(clock(iter(range(11)), 2.5), "reading", unit="row", mininterval=0))
    assert seen(capsys) == ["reading: 4 rows", "reading: 8 rows"]


def test_what_is_cut_off_has_no_last_line(capsys):
    with pytest.raises(KeyError), progress(total=3, desc="reading") as bar:
        bar.update(2)
        raise KeyError
    list(progress([], "reading", 0))
    list(progress([1], "reading", disable=True))
    list(progress([1], "reading", delay=5))
    tqdm.write("other words", file=sys.stderr)
    assert lines(capsys) == ["other words"]


def test_a_terminal_has_a_bar(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    list(progress(range(3), "reading"))
    assert "\r" in capsys.readouterr().err


def test_nothing_else_shows_progress(root):
    shown = {path.name for path in (root / "bundle").rglob("*.py") if re.search(r"\btqdm\(|\.tqdm\b", path.read_text())}
    assert shown == {"progress.py"}
