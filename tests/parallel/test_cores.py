import os

from bundle.parallel import available_cores


def test_what_limits_this_process_counts(monkeypatch):
    assert 1 <= available_cores() <= os.cpu_count()
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    assert available_cores() == 1
    monkeypatch.delenv("LOKY_MAX_CPU_COUNT")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert available_cores() == 1
