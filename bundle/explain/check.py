"""Explanations held against outlined bleeds, and against the network itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset
from tqdm import tqdm

from bundle.datalist.outlines import lesion_of, read_outlines
from bundle.engines import unit_range
from bundle.explain.deletion import deletion_curve, random_map
from bundle.explain.explain_slices import explain_samples, extra_inputs
from bundle.explain.pointing import TOLERANCE, play
from bundle.explain.restore import restore
from bundle.labels import CLASSES
from bundle.readers import read_slice


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
    outlines = {index: found for index in classes if (found := read_outlines(rows[index], values))}
    if not outlines:
        return []
    samples = {index: dataset[index] for index in outlines}
    chosen = [classes[index] for index in outlines]
    heat = dict(zip(outlines, explain_samples(network, list(samples.values()), chosen, layer, method), strict=True))
    activate = torch.sigmoid if task == "multilabel" else _softmax
    records = []
    for index, sample in tqdm(samples.items(), desc="checking explanations", unit="slice", disable=None):
        image, name = unit_range(torch.as_tensor(sample["image"])), CLASSES[task][classes[index]]
        shape = read_slice(rows[index]).shape
        start, end = (sample[key].tolist() for key in ("box_start", "box_end"))
        pointing = play(
            restore(heat[index], start, end, shape),
            lesion_of(outlines[index], name, shape, rows[index]["mask"]),
            restore((image > 0).any(dim=0).numpy(force=True).astype(np.float32), start, end, shape) > 0.5,
            TOLERANCE * max(end[axis] - start[axis] for axis in (0, 1)),
        )
        rng, extra = np.random.default_rng([seed, index]), extra_inputs([sample])
        curves = {
            key: deletion_curve(network, image, classes[index], each, activate, rng, extra)
            for key, each in (("deletion", heat[index]), ("random", random_map(image.shape[-1], rng)))
        }
        no_heat = not heat[index].any()
        records.append({"index": index, "class": name, "no_heat": no_heat, **pointing._asdict(), **curves})
    return records


def _softmax(logits: torch.Tensor) -> torch.Tensor:
    return logits.softmax(dim=1)
