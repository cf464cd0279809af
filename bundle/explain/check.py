"""Explanations held against outlined bleeds, and against the network itself."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from bundle.datalist.outlines import lesion_of, read_outlines
from bundle.explain.deletion import deletion_curve, random_map
from bundle.explain.explainer import Explainer, Explanation
from bundle.explain.pointing import TOLERANCE, Pointing, play
from bundle.labels import CLASSES
from bundle.progress import progress


def check_explanations(
    explainer: Explainer, classes: Mapping[int, int], values: Mapping[int, str], seed: int = 0
) -> list[dict[str, Any]]:
    """Explain slices with an outlined bleed, play the pointing game, and delete.

    Args:
        explainer: of the network, which must be in evaluation mode.
        classes: index of a slice whose row has a "mask" → index of the class to explain.
        values: what the masks' values mean, see `bundle.datalist.mask_values`.
        seed: of the random maps.

    Returns:
        A record a slice whose mask is not empty: ``{"index", "class", "no_heat", "inside", "near", "chance_inside",
        "chance_near", "deletion", "random"}``; the last two are the `deletion_curve` of the heat map and of a
        `random_map`.

    Raises:
        InputError: when a mask cannot be read, or is of another shape than its image; see also `Explainer.explain`.
    """
    outlines = {index: found for index in classes if (found := read_outlines(explainer.rows[index], values))}
    if not outlines:
        return []
    explained = explainer.explain(list(outlines), [classes[index] for index in outlines])
    return [
        {
            "index": each.index,
            "class": CLASSES[explainer.task][each.class_index],
            "no_heat": not each.heat.any(),
            **_play(each, outlines[each.index], explainer.task)._asdict(),
            **_curves(each, explainer, np.random.default_rng([seed, each.index])),
        }
        for each in progress(explained, "checking explanations", len(outlines), unit="slice")
    ]


def _play(explanation: Explanation, outlines: Mapping[str, np.ndarray], task: str) -> Pointing:
    seen = (explanation.image > 0).any(dim=0).numpy(force=True).astype(np.float32)
    kind, shape = CLASSES[task][explanation.class_index], explanation.read().pixels.shape
    return play(
        explanation.restored(explanation.heat, shape),
        lesion_of(outlines, kind, shape, explanation.row["mask"]),
        explanation.restored(seen, shape) > 0.5,
        TOLERANCE * max(end - start for start, end in zip(*explanation.box, strict=True)),
    )


def _curves(explanation: Explanation, explainer: Explainer, rng: np.random.Generator) -> dict[str, list[float]]:
    activate = torch.sigmoid if explainer.task == "multilabel" else _softmax
    image, extra = explanation.image, explanation.extra
    maps = {"deletion": explanation.heat, "random": random_map(image.shape[-1], rng)}
    return {
        name: deletion_curve(explainer.network, image, explanation.class_index, values, activate, rng, extra)
        for name, values in maps.items()
    }


def _softmax(logits: torch.Tensor) -> torch.Tensor:
    return logits.softmax(dim=1)
