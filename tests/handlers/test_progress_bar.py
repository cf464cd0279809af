import ignite.distributed as idist
import pytest
from ignite.engine import Engine

import bundle.progress
from bundle.handlers import ProgressBar


@pytest.mark.parametrize(("rank", "shown"), [(0, True), (1, False)])
def test_the_first_process_alone_shows_it(monkeypatch, capsys, rank, shown):
    monkeypatch.setattr(idist, "get_rank", lambda: rank)
    monkeypatch.setattr(bundle.progress, "_PAUSE", 0)
    engine = Engine(lambda engine, batch: None)
    ProgressBar(desc="training", mininterval=0).attach(engine)
    engine.run([0, 1], max_epochs=2)
    shown_lines = capsys.readouterr().err
    assert ("training [2/2]: 100% (2 of 2), " in shown_lines) == shown
    assert "\r" not in shown_lines
