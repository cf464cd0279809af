"""The worst mistakes of a validation or evaluation in one picture."""

from typing import TYPE_CHECKING

import numpy as np

from bundle.figures.picture_grid import picture_grid
from bundle.labels import CLASSES, NORMAL
from bundle.predictions import Predictions, class_to_explain, describe_slice, find_mistakes, likeliest_bleed

if TYPE_CHECKING:
    from bundle.explain import Explainer  # imports PyTorch, which pages need not wait for


def mistakes_grid(explainer: "Explainer", predictions: Predictions, count: int = 4) -> np.ndarray:
    """Draw a row of the missed bleeds with the lowest P(any), and one of the false alarms with the highest.

    Each has its heat map over it: of a missed bleed for the most probable of its own subtypes, of a false alarm for
    the most probable bleed.

    Args:
        explainer: of the network that made the predictions.
        predictions: of the explainer's rows, in their order.
        count: of missed bleeds, and of false alarms, at most.

    Returns:
        [rows, columns, 3] uint8; where there is no mistake, a picture that says so.
    """
    wrong = find_mistakes(predictions)
    is_bleed = predictions.truth[wrong] == 1
    missed, alarms = (wrong[chosen][:count].tolist() for chosen in (is_bleed, ~is_bleed))
    if not missed + alarms:
        return picture_grid([np.zeros((1, 1, 3), np.uint8)], ["no mistakes"], 1, 256)
    classes = [class_to_explain(predictions, index) for index in missed + alarms]
    pictures = explainer.overlays(missed + alarms, classes)
    captions = [_caption(predictions, index) for index in missed + alarms]
    if missed and alarms:
        for _ in range(count - len(missed)):
            pictures.insert(len(missed), np.zeros_like(pictures[0]))
            captions.insert(len(missed), "")
    return picture_grid(pictures, captions, count, 256)


def _caption(predictions: Predictions, index: int) -> str:
    described = describe_slice(predictions, index)
    called = CLASSES[predictions.task][likeliest_bleed(predictions.probabilities[index], predictions.task)]
    what = f"false alarm: {called}" if described["truth"] == NORMAL else f"missed: {described['truth']}"
    return f"{what}\nP(any) {described['p_any']:.3f}"
