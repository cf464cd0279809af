import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks.compared_predictions import main
from bundle.errors import InputError
from bundle.predictions import Predictions, write_predictions


def write_run(comparison, name, seed, slices=120, folder="scans"):
    """Write the predictions of a run, and return the truth and P(any)."""
    truth = np.arange(slices) % 3 == 0
    p = np.clip(np.random.default_rng(seed).normal(0.4 + 0.2 * truth, 0.2), 0.01, 0.99).round(5)
    rows = [
        {
            "image": f"/{folder}/{k // 10}/{k}.png",
            "patient": f"P{k // 4}",
            "label": [None] * 5 + [1] if bleeds else [0] * 6,
        }
        for k, bleeds in enumerate(truth)
    ]
    path = comparison / "runs" / name / "evaluation" / "predictions.csv"
    path.parent.mkdir(parents=True)
    write_predictions(path, Predictions.of_rows(rows, np.column_stack([1 - p, p]), "binary"))
    return truth, p


def test_runs_of_two_comparisons_are_compared_by_a_table_without_names(tmp_path, capsys):
    truth, first = write_run(tmp_path / "a", "resnet50_mask_seed0", 1)
    _, second = write_run(tmp_path / "b", "full_mask_seed0", 2, folder="elsewhere")
    main(str(tmp_path / "t.csv"), add=str(tmp_path / "a"))
    main(str(tmp_path / "t.csv"), add=str(tmp_path / "b"))
    capsys.readouterr()
    main(str(tmp_path / "t.csv"))
    printed = capsys.readouterr().out
    assert "120 slices of 30 patients, 40 with a hemorrhage" in printed
    aucs = [roc_auc_score(truth, p) for p in (first, second)]
    assert f"| resnet50_mask_seed0 | {aucs[0]:.3f} (" in printed and f"| full_mask_seed0 | {aucs[1]:.3f} (" in printed
    assert f"| resnet50_mask_seed0 − full_mask_seed0 | {aucs[0] - aucs[1]:+.3f} (" in printed
    assert "png" not in (tmp_path / "t.csv").read_text() and "P1" not in (tmp_path / "t.csv").read_text()


def test_runs_of_other_slices_are_refused(tmp_path):
    write_run(tmp_path / "a", "one", 1)
    write_run(tmp_path / "b", "two", 1, slices=90)
    main(str(tmp_path / "t.csv"), add=str(tmp_path / "a"))
    with pytest.raises(InputError, match="is of other slices than the table"):
        main(str(tmp_path / "t.csv"), add=str(tmp_path / "b"))
