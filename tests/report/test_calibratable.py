import json

import pytest

from bundle.errors import InputError
from bundle.files import file_sha256, model_name, model_sha256
from bundle.files.second_reader import SecondReader, write_second_reader
from bundle.report import require_calibratable
from bundle.report.calibratable import CHECKPOINT, DIGEST, SMOOTHING, checkpoint_digest
from tests.conftest import ROOT


@pytest.fixture
def checkpoint(tmp_path):
    for name in ("model", "edge"):
        (tmp_path / f"{name}.pt").write_text(name)
    return tmp_path / "model.pt"


def predictions(folder, **configuration):
    (folder / "report.json").write_text(json.dumps({"configuration": configuration}))
    return folder / "validation.csv"


def test_the_configs_evaluation_says_what_is_asked():
    evaluate = json.loads((ROOT / "configs" / "evaluate.json").read_text())
    report = next(each for each in evaluate["validate#handlers"] if each["_target_"].endswith("EvaluationReport"))
    assert report["configuration"][SMOOTHING] == "@slice_smoothing"
    for name, function in ((CHECKPOINT, model_name), (DIGEST, checkpoint_digest)):
        called = report["configuration"][name]["_target_"].rsplit(".", 1)[1]
        assert called == function.__name__


def test_the_digest_is_of_a_file_and_of_no_weights_from_elsewhere(checkpoint):
    assert checkpoint_digest(checkpoint) == model_sha256(checkpoint)
    assert checkpoint_digest(checkpoint.with_name("none.pt")) == ""


def test_predictions_of_the_checkpoint_slice_by_slice_and_those_without_a_report(checkpoint, tmp_path):
    require_calibratable(tmp_path / "validation.csv", checkpoint)
    for made in ({}, {SMOOTHING: 0.0}, {SMOOTHING: 0.0, CHECKPOINT: "a.pt", DIGEST: file_sha256(checkpoint)}):
        require_calibratable(predictions(tmp_path, **made), checkpoint)


def test_smoothed_predictions(checkpoint, tmp_path):
    with pytest.raises(InputError, match=r"validation\.csv is smoothed .*4\.0 mm.*; evaluate with --slice_smoothing 0"):
        require_calibratable(predictions(tmp_path, **{SMOOTHING: 4.0}), checkpoint)


def test_predictions_of_another_checkpoint_or_of_two(checkpoint, tmp_path):
    edge = tmp_path / "edge.pt"
    other = predictions(tmp_path, **{CHECKPOINT: "edge.pt", DIGEST: model_sha256(edge)})
    with pytest.raises(InputError, match=r"other weights \(edge\.pt\) than those of .*model\.pt alone; evaluate again"):
        require_calibratable(other, checkpoint)
    write_second_reader(checkpoint, SecondReader("edge.pt", 1.0, 0.0))
    both = predictions(tmp_path, **{CHECKPOINT: model_name(checkpoint), DIGEST: model_sha256(checkpoint)})
    for alone in (checkpoint, edge):
        with pytest.raises(InputError, match=r"other weights \(model\.pt and edge\.pt\)"):
            require_calibratable(both, alone)
    with pytest.raises(InputError, match=r"none\.pt does not exist"):
        require_calibratable(both, tmp_path / "none.pt")


def test_predictions_of_the_training_are_refused_and_those_of_the_test_told(checkpoint, tmp_path, caplog):
    for section in ("training", "test", "validation"):
        (tmp_path / "report.json").write_text(json.dumps({"split": {"section": section}}))
        require_calibratable(tmp_path / "validation.csv", checkpoint)
        assert not caplog.text
        if section == "training":
            with pytest.raises(InputError, match=r"predictions\.csv is of the training section.*; give the validation"):
                require_calibratable(tmp_path / "predictions.csv", checkpoint)
        else:
            require_calibratable(tmp_path / "predictions.csv", checkpoint)
            assert ("is of the test section" in caplog.text) == (section == "test")
        caplog.clear()
