from ignite.engine import Engine

from bundle.handlers import KeepDatalist
from bundle.handlers.keep_datalist import KEPT


def start(datalist, output_dir):
    engine = Engine(lambda engine, batch: None)
    KeepDatalist(datalist, output_dir).attach(engine)
    engine.run([0])


def test_a_training_keeps_its_datalist_as_it_was(tmp_path):
    (tmp_path / "datalist.json").write_text("first")
    kept = tmp_path / "output" / KEPT
    start(tmp_path / "datalist.json", kept.parent)
    (tmp_path / "datalist.json").write_text("second")
    assert kept.read_text() == "first"
    start(kept, kept.parent)
    assert kept.read_text() == "first", "one that is its own copy stays"
