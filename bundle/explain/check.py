"""Explanations held against outlined bleeds, and against the network itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset
from tqdm import tqdm

from bundle.engines import unit_range
from bundle.explain.deletion import deletion_curve, random_map
from bundle.explain.explain_slices import explain_samples, extra_inputs
from bundle.explain.outlines import lesion_of, read_outlines
from bundle.explain.pointing import TOLERANCE, play
from bundle.explain.restore import restore
from bundle.explain.slice_overlay import read_slice
from bundle.labels import CLASSES


def check_explanations(
    network: nn.Module,
    dataset: Dataset,
    rows: Sequence[Mapping[str, Any]],
    classes: Mapping[int, int],
    values: Mapping[int, str],
    task: str,
    layer: str,
    method: str = "gradcam",
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Explain slices with an outlined bleed, play the pointing game, and delete.

    Args:
        network: the classifier, in evaluation mode.
        dataset: gives the samples that the network sees, with "image", "box_start" and "box_end".
        rows: the rows that the samples are made of.
        classes: index of a slice whose row has a "mask" → index of the class to explain.
        values: what the masks' values mean, see `bundle.datalist.mask_values`.
        task: a key of `bundle.labels.CLASSES`.
        layer: see `bundle.explain.heat_maps`.
        method: see `bundle.explain.heat_maps`.
        seed: of the random maps.

    Returns:
        A record a slice whose mask is not empty: ``{"index", "class", "no_heat", "inside", "near", "chance_inside",
        "chance_near", "deletion", "random"}``; the last two are the `deletion_curve` of the heat map and of a
        `random_map`.

    Raises:
        InputError: when a mask cannot be read, or is of another shape than its image.
    """
    activate = torch.sigmoid if task == "multilabel" else _softmax
    records = []
    for index, chosen in tqdm(classes.items(), desc="checking explanations", unit="slice", disable=None):
        outlines, name = read_outlines(rows[index], values), CLASSES[task][chosen]
        if not outlines:
            continue
        sample = dataset[index]
        image = unit_range(torch.as_tensor(sample["image"]))
        (heat,) = explain_samples(network, [sample], [chosen], layer, method)
        shape = read_slice(rows[index]).shape
        start, end = (sample[key].tolist() for key in ("box_start", "box_end"))
        pointing = play(
            restore(heat, start, end, shape),
            lesion_of(outlines, name, shape, rows[index]["mask"]),
            restore((image > 0).any(dim=0).numpy(force=True).astype(np.float32), start, end, shape) > 0.5,
            TOLERANCE * max(end[axis] - start[axis] for axis in (0, 1)),
        )
        rng, extra = np.random.default_rng([seed, index]), extra_inputs([sample])
        curves = {
            key: deletion_curve(network, image, chosen, each, activate, rng, extra)
            for key, each in (("deletion", heat), ("random", random_map(heat.shape[0], rng)))
        }
        records.append({"index": index, "class": name, "no_heat": not heat.any(), **pointing._asdict(), **curves})
    return records


def _softmax(logits: torch.Tensor) -> torch.Tensor:
    return logits.softmax(dim=1)
