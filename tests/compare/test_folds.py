"""Cross-validation: each patient tested once, by a network that has not seen it."""

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import bundle.compare.train as train
from bundle.compare.folds import write_folds
from bundle.datalist import SECTIONS, read_datalist, write_datalist
from bundle.errors import InputError
from bundle.predictions import read_predictions
from tests.compare.test_command import compare

FOLDS = 3


@pytest.fixture(scope="module")
def prepared(dataset):
    """The set divided as by scripts.prepare --folds, with a test section that is kept back."""
    content = read_datalist(dataset / "datalist.json")
    rows = content["training"] + content["validation"]
    patients = sorted({row["patient"] for row in rows})
    for fold in range(FOLDS):
        own = set(patients[fold::FOLDS])
        sections = {
            "training": [row for row in rows if row["patient"] not in own],
            "validation": [row for row in rows if row["patient"] in own],
            "test": content["test"],
        }
        told = {"provenance": {"fold": fold, "folds": FOLDS}}
        write_datalist(dataset / f"datalist_fold{fold}.json", content | sections | told)
    return dataset


@pytest.fixture(scope="module")
def finished(prepared, overlays, tmp_path_factory):
    output = tmp_path_factory.mktemp("folds")
    compare(prepared, output, overlays[:1], f"--folds={FOLDS}", "--max_epochs=1")
    return output


def test_each_patient_is_tested_once_by_a_network_that_has_not_seen_it(prepared, tmp_path):
    all_tested = []
    for path in write_folds(prepared / "datalist.json", FOLDS, tmp_path):
        content = read_datalist(path)
        patients = [{row["patient"] for row in content[section]} for section in SECTIONS]
        assert all(patients) and len(set.union(*patients)) == sum(map(len, patients)) == 12
        all_tested += [row["image"] for row in content["test"]]
    assert len(all_tested) == len(set(all_tested)) == 36
    kept_back = {row["image"] for row in read_datalist(prepared / "datalist.json")["test"]}
    assert not kept_back & set(all_tested)


def test_the_test_is_of_all_folds_together(finished):
    runs = [finished / "runs" / f"thin_no_mask_seed0_fold{fold}" / "evaluation" for fold in range(FOLDS)]
    parts = [read_predictions(folder / "predictions.csv") for folder in runs]
    truth, p_any = (np.concatenate([getattr(part, name) for part in parts]) for name in ("truth", "p_any"))
    comparison = json.loads((finished / "comparison.json").read_text())
    (found,) = comparison["candidates"]
    assert comparison["folds"] == FOLDS and comparison["slices"] == 36 and comparison["patients"] == 12
    assert found["metrics"]["auc_any"]["value"] == pytest.approx(roc_auc_score(truth, p_any))
    page = (finished / "comparison.html").read_text()
    assert "3 folds, each slice tested once" in page and "test split" not in page
    report = json.loads((finished / "pooled" / "thin_no_mask_seed0" / "report.json").read_text())
    assert report["slices"] == 36 and report["metrics"]["auc_any"] == pytest.approx(roc_auc_score(truth, p_any))
    assert any("cross-fitted" in caution for caution in report["cautions"])


def test_what_lacks_a_fold_is_not_compared(prepared, overlays, finished, monkeypatch, capsys):
    done = train.make_runs

    def lacking(experiment, output):
        folders, _ = done(experiment, output)
        return dict(list(folders.items())[1:]), {next(iter(folders)): "it was killed"}

    monkeypatch.setattr("scripts.compare.make_runs", lacking)
    with pytest.raises(SystemExit) as ended:
        compare(prepared, finished, overlays[:1], f"--folds={FOLDS}", "--max_epochs=1")
    assert ended.value.code == 1
    assert "a fold of each model failed, the first because it was killed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("folds", "sentence"),
    [(2, "--folds is 2; give at least 3"), ("many", "--folds is 'many'"), (4, "is fold 0 of 3, not 0 of 4; prepare")],
)
def test_folds_that_are_not_there_are_refused(prepared, tmp_path, folds, sentence):
    with pytest.raises(InputError, match=sentence):
        write_folds(prepared / "datalist.json", folds, tmp_path)


def test_folds_of_two_preparations_are_refused(prepared, tmp_path):
    contents = [read_datalist(prepared / f"datalist_fold{fold}.json") for fold in range(FOLDS)]
    first, second = contents[0]["training"], contents[0]["validation"]
    contents[0] |= {"training": [*first[3:], *second[:3]], "validation": [*second[3:], *first[:3]]}
    for fold, content in enumerate(contents):
        write_datalist(tmp_path / f"datalist_fold{fold}.json", content)
    with pytest.raises(InputError, match=r"fold\d.json is not of one set with the other folds"):
        write_folds(tmp_path / "datalist.json", FOLDS, tmp_path / "folds")
    with pytest.raises(
        InputError, match=r"other_fold0.json does not exist; make it with scripts.prepare and --folds 3"
    ):
        write_folds(tmp_path / "other.json", FOLDS, tmp_path / "folds")
    contents[0]["provenance"] = {"fold": 0, "folds": 5}
    write_datalist(tmp_path / "datalist_fold0.json", contents[0])
    with pytest.raises(InputError, match="is fold 0 of 5, not 0 of 3"):
        write_folds(tmp_path / "datalist.json", FOLDS, tmp_path / "folds")
