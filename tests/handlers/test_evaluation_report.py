import json
from types import SimpleNamespace

import pytest
from ignite.engine import Engine

from bundle.files import file_sha256
from bundle.handlers.announced import announce
from bundle.handlers.evaluation_report import EvaluationReport, _run_of, _trained_on, head_scalars
from bundle.handlers.history import training_path
from bundle.handlers.keep_datalist import KEPT
from bundle.report.sections.heads import heads
from tests.report.test_heads_section import write_heads
from tests.report.uncertain import read_evaluation


def test_tensorboard_speaks_of_heads_in_the_words_of_the_worklist(tmp_path):
    write_heads(tmp_path / "predictions.csv", 1)
    write_heads(tmp_path / "validation.csv", 2)
    content = heads(read_evaluation(tmp_path))
    found = head_scalars({"heads": content})
    assert found["sensitivity"] == content["figures"]["sensitivity"]["value"]
    for truth in ("normal", "hemorrhage"):
        shares = [found[f"{action}_{truth}"] for action in ("read_first", "read_soon", "routine")]
        assert shares == [figure["value"] for figure in content["actions"][truth].values()]


def test_what_is_not_known_of_heads_is_left_out(tmp_path):
    write_heads(tmp_path / "predictions.csv", 1, count=2, label=[0] * 6)
    found = head_scalars({"heads": heads(read_evaluation(tmp_path))})
    assert "auc" not in found and "sensitivity" not in found and "read_soon_hemorrhage" not in found
    assert found["specificity"] >= 0 and found["read_soon_normal"] > 0
    assert head_scalars({"heads": None}) == {}


def test_the_history_of_another_training_is_not_that_of_the_checkpoint(tmp_path):
    (tmp_path / "history.csv").write_text("epoch,seconds\n1,2.5\n")
    for name in ("own.pt", "other.pt"):
        (tmp_path / name).write_text(name)
    told = {"device": "CPU", "processes": 1, "checkpoint": file_sha256(tmp_path / "own.pt")}
    training_path(tmp_path / "history.csv").write_text(json.dumps(told))
    report = EvaluationReport(tmp_path, "test", {}, "test", tmp_path / "history.csv", tmp_path / "datalist.json")
    found = {}
    for name in ("own.pt", "other.pt"):
        engine = Engine(lambda engine, batch: None)
        announce(engine, "checkpoint", SimpleNamespace(load_path=tmp_path / name))
        found[name] = report._history(engine)
    assert found == {"own.pt": tmp_path / "history.csv", "other.pt": None}
    assert _run_of(found["own.pt"]) == {"device": "CPU", "processes": 1, "seconds": 2.5}
    # Evaluated into a folder of its own, the training lies in the checkpoint's, or in the one above.
    elsewhere = EvaluationReport(
        tmp_path / "new", "test", {}, "test", tmp_path / "new/history.csv", tmp_path / "datalist.json"
    )
    (tmp_path / "models").mkdir()
    (tmp_path / "own.pt").rename(tmp_path / "models/own.pt")
    engine = Engine(lambda engine, batch: None)
    announce(engine, "checkpoint", SimpleNamespace(load_path=tmp_path / "models/own.pt"))
    assert elsewhere._history(engine) == tmp_path / "history.csv"


@pytest.mark.parametrize(("content", "told"), [("{", True), (None, False)])
def test_a_damaged_datalist_of_the_training_does_not_cost_the_report(tmp_path, caplog, content, told):
    if content is not None:
        (tmp_path / KEPT).write_text(content)
    assert _trained_on(tmp_path / "history.csv") is None
    assert ("Whether these patients were in the training is not known." in caplog.text) == told
