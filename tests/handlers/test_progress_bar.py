import ignite.distributed as idist
import pytest
from ignite.engine import Engine

from bundle.handlers import ProgressBar


@pytest.mark.parametrize(("rank", "shown"), [(0, True), (1, False)])
def test_the_first_process_alone_shows_it(monkeypatch, capsys, rank, shown):
    monkeypatch.setattr(idist, "get_rank", lambda: rank)
    engine = Engine(lambda engine, batch: None)
    ProgressBar(desc="training").attach(engine)
    engine.run([0, 1])
    assert ("training" in capsys.readouterr().err) == shown
