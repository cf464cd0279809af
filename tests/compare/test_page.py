from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from bundle.compare import MODELS, compare
from bundle.compare.results import Candidate, Result
from bundle.compare.write import _render
from bundle.predictions import Predictions
from tests.report.test_report_page import Page

EXPERIMENT = SimpleNamespace(
    dataset_dir=Path("spots"), datalist=Path("datalist.json"), settings={}, seeds=[0], folds=[]
)


def candidate(name, mask):
    p = np.random.default_rng(len(name)).random(40)
    labels = np.column_stack([np.full((40, 5), -1.0), np.arange(40) % 2])
    scores = Predictions("binary", np.column_stack([1 - p, p]), labels, tuple(f"P{k // 2}" for k in range(40)))
    history = {"images_per_second": np.ones(1), "seconds": np.ones(1)}
    return Candidate(MODELS[name], mask, [Result(0, scores, [history], "CPU")])


@pytest.mark.parametrize(
    ("others", "sentence"),
    [([], "There is only one model"), ([("full", False)], "The two models differ in the mask, too, so they are not")],
)
def test_the_page_says_why_nothing_is_compared(tmp_path, others, sentence):
    candidates = [candidate("resnet50", True), *(candidate(*each) for each in others)]
    comparison = compare(EXPERIMENT, candidates, {}, resamples=20)
    assert comparison["differences"] == []
    (tmp_path / "training.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    text = Page(_render(comparison, {"training": tmp_path / "training.png"})).text
    assert sentence in text
    assert ("only one model" in text) == (not others)
