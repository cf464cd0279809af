from importlib import import_module

import numpy as np
import pytest

from bundle.figures import mistakes_grid
from bundle.labels import CLASSES, UNKNOWN
from bundle.predictions import Predictions

TRUTHS = ([0] * 6, [0, 0, 0, 1, 1, 1], [UNKNOWN] * 5 + [1], [UNKNOWN] * 6)


class Explainer:
    """It draws each slice in a grey of its own, and knows what was asked of it."""

    def __init__(self):
        self.asked = []

    def overlays(self, indices, classes):
        self.asked += zip(indices, classes, strict=True)
        return [np.full((8, 8, 3), 20 * (index + 1), np.uint8) for index in indices]


@pytest.fixture
def drawn(monkeypatch):
    """The greys and captions of the grids that are drawn."""
    seen = []
    module = import_module("bundle.figures.mistakes_grid")
    draw = module.picture_grid
    monkeypatch.setattr(
        module,
        "picture_grid",
        lambda pictures, captions, *more: (
            seen.append(([int(each.max()) for each in pictures], captions)) or draw(pictures, captions, *more)
        ),
    )
    return seen


@pytest.mark.parametrize("task", CLASSES)
def test_the_worst_mistakes_come_first(drawn, task):
    p_any = np.array([0.9, 0.02, 0.6, 0.3, 0.98, 0.1, 0.75, 0.4])
    truths = [TRUTHS[index] for index in (0, 1, 0, 2, 3, 0, 0, 0)]
    subdural = np.zeros((8, 5))
    subdural[:, 4] = p_any
    probabilities = {
        "binary": np.column_stack([1 - p_any, p_any]),
        "subtype": np.column_stack([1 - p_any, subdural]),
        "multilabel": np.column_stack([subdural, p_any]),
    }[task]
    explainer = Explainer()
    grid = mistakes_grid(explainer, Predictions(task, probabilities, truths), count=3)
    called = "hemorrhage" if task == "binary" else "subdural"
    ((greys, captions),) = drawn
    assert captions == [
        "missed: subarachnoid, subdural\nP(any) 0.020",
        "missed: bleed of unknown subtype\nP(any) 0.300",
        "",
        f"false alarm: {called}\nP(any) 0.900",
        f"false alarm: {called}\nP(any) 0.750",
        f"false alarm: {called}\nP(any) 0.600",
    ]
    assert [index for index, _ in explainer.asked] == [1, 3, 0, 6, 2]
    assert greys == [40, 80, 0, 20, 140, 60], "each over its own caption"
    assert grid.dtype == np.uint8


def test_no_mistakes_are_said_to_be_none(drawn):
    explainer = Explainer()
    mistakes_grid(explainer, Predictions("binary", np.array([[0.9, 0.1]]), np.zeros((1, 6))))
    assert drawn == [([0], ["no mistakes"])] and not explainer.asked


def test_a_missed_bleed_is_explained_by_its_own_subtype():
    explainer = Explainer()
    probabilities = np.array([[0.8, 0.15, 0, 0, 0.01, 0.04], [0.1, 0.5, 0.4, 0, 0, 0]])
    mistakes_grid(explainer, Predictions("subtype", probabilities, [TRUTHS[1], TRUTHS[0]]))
    asked = [(index, CLASSES["subtype"][each]) for index, each in explainer.asked]
    assert asked == [(0, "subdural"), (1, "epidural")]
