"""The worst mistakes of a validation or evaluation in one picture."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from ignite.engine import Engine
from torch import nn
from torch.utils.data import Dataset

from bundle.explain import bleed_class, explain_slices
from bundle.labels import ANY, CLASSES, LABELS, NORMAL, SUBTYPES
from bundle.metrics import THRESHOLD
from bundle.report import Predictions, describe_slice, find_mistakes, picture_grid


def predictions_of(evaluator: Engine, task: str) -> Predictions:
    """Return what `bundle.metrics.HemorrhageMetrics` gathered in an evaluator's last run, in the loader's order."""
    details = evaluator.state.metric_details  # type: ignore[attr-defined]
    probabilities, labels = (details[name].numpy() for name in ("probabilities", "labels"))
    count = len(labels)
    return Predictions(task, probabilities, labels, ("",) * count, tuple(range(2, count + 2)))


def mistakes_grid(
    network: nn.Module,
    dataset: Dataset,
    rows: Sequence[Mapping[str, Any]],
    predictions: Predictions,
    layer: str,
    count: int = 4,
) -> np.ndarray:
    """Draw a row of the missed bleeds with the lowest P(any), and one of the false alarms with the highest.

    Each has its Grad-CAM map over it: of a missed bleed for the most probable of its own subtypes, of a false alarm for
    the most probable bleed.

    Args:
        network: the classifier that made the predictions.
        dataset: gives the samples that the network sees, with "image", "box_start" and "box_end".
        rows: the rows that the samples are made of.
        predictions: of these rows, in their order.
        layer: name of the network's module that is looked at.
        count: of missed bleeds, and of false alarms, at most.

    Returns:
        [rows, columns, 3] uint8; where there is no mistake, a picture that says so.
    """
    wrong = find_mistakes(predictions, THRESHOLD)
    is_bleed = predictions.labels[wrong, LABELS.index(ANY)] == 1
    missed, alarms = (wrong[chosen][:count].tolist() for chosen in (is_bleed, ~is_bleed))
    if not missed + alarms:
        return picture_grid([np.zeros((1, 1, 3), np.uint8)], ["no mistakes"], 1, 256)
    classes = [class_to_explain(predictions, index) for index in missed + alarms]
    pictures = explain_slices(network, dataset, rows, missed + alarms, classes, layer)
    captions = [_caption(predictions, index) for index in missed + alarms]
    if missed and alarms:
        for _ in range(count - len(missed)):
            pictures.insert(len(missed), np.zeros_like(pictures[0]))
            captions.insert(len(missed), "")
    return picture_grid(pictures, captions, count, 256)


def class_to_explain(predictions: Predictions, index: int) -> int:
    """Return the class whose map tells most of slice `index`: the likeliest of its own, else of all bleeds."""
    probabilities, label = predictions.probabilities[index], predictions.labels[index]
    classes = CLASSES[predictions.task]
    own = [classes.index(name) for name, value in zip(SUBTYPES, label, strict=False) if value == 1 and name in classes]
    return max(own, key=lambda each: probabilities[each]) if own else bleed_class(probabilities, predictions.task)


def _caption(predictions: Predictions, index: int) -> str:
    said = describe_slice(predictions, index)
    called = CLASSES[predictions.task][bleed_class(predictions.probabilities[index], predictions.task)]
    what = f"false alarm: {called}" if said["truth"] == NORMAL else f"missed: {said['truth']}"
    return f"{what}\nP(any) {said['p_any']:.3f}"
