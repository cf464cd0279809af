"""Where bleeds are said to be, against their outlines: side, and extent along the axis.

    python -m scripts.phantom data/located --patients 36 --slices 30
    python -m scripts.prepare rsna data/located
    python -m benchmarks.locations data/located models/model.pt

and the same with CT-ICH, prepared by `scripts.prepare ct_ich`. Only whole heads with an outlined bleed count, and only
those that are called: nothing is said of the place of a bleed that is not seen. The side is that of slices displayed as
usual, for pictures do not say how the patient lay; a bleed of which three quarters of the outline lie on one side of
the middle of the brain is of that side. The extent is right where both ends are within one slice of the first and last
slice that are labelled. With 95 % intervals over patients.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from monai.bundle import ConfigParser

from bundle.command import run_command
from bundle.datalist import SECTIONS, read_datalist, read_mask_values
from bundle.datalist.outlines import any_bleed, read_outlines
from bundle.engines import MirroredInferer
from bundle.errors import InputError
from bundle.explain import Explainer
from bundle.heads import head_members, head_peak, read_heads
from bundle.predictions import Predictions, SliceSmoothing
from bundle.progress import progress
from bundle.results.locations import locate, seen_side
from bundle.statistics import weighted_ratios, with_intervals
from bundle.transforms import unit_range

SMOOTHING = 4.0
ONE_SIDE = 0.75


def main(dataset_dir: str, checkpoint: str, image_size: int = 160) -> None:
    """Print how many sides and extents are right.

    Args:
        dataset_dir: with a datalist.json whose rows have masks and positions.
        checkpoint: of the default network and task, with its calibrations of heads beside it.
        image_size: that it was trained with.
    """
    datalist = f"{dataset_dir}/datalist.json"
    calibration = read_heads(checkpoint, "subtype", None).placed
    values, content = read_mask_values(datalist), read_datalist(datalist)
    patients, said, true, near, bleeding = [], [], [], [], 0
    for section in (name for name in SECTIONS if content[name]):
        explainer = _explainer(dataset_dir, datalist, checkpoint, image_size, section)
        for members in progress(_bleeding_heads(explainer.rows), f"heads of {section}"):
            bleeding += 1
            rows = [explainer.rows[index] for index in members]
            alone = Predictions.of_rows(rows, _scored(explainer, members), explainer.task)
            smoothed = SliceSmoothing(rows, SMOOTHING)(alone.p_any[:, None])
            bled = np.flatnonzero(alone.truth == 1)
            called = calibration.p_any(head_peak(smoothed, alone.positions))[0] >= calibration.threshold
            side = _true_side(explainer, [members[at] for at in bled], values) if called else ""
            if not side:
                continue
            location, maps = locate(explainer, members, alone, int(np.argmax(smoothed)))
            ends = abs(location.from_slice - 1 - bled[0]), abs(location.to_slice - 1 - bled[-1])
            patients.append(alone.clusters[0])
            said.append(seen_side(list(maps.values()), alone.p_any[list(maps)].tolist()))
            true.append(side)
            near.append(max(ends) <= 1)
    if not patients:
        raise InputError("has no outlined bleed in a head that is called", "take a set that has", datalist)
    one_sided = np.isin(true, ("left", "right"))
    right = np.array(said) == np.array(true)
    shares = {
        "side": (right & one_sided, one_sided),
        "other side": (np.isin(said, ("left", "right")) & ~right & one_sided, one_sided),
        "extent": (np.array(near), np.ones(len(near))),
    }
    print(f"{bleeding} heads with a bleed, {len(patients)} of them called, {one_sided.sum()} with a bleed of one side")
    for name, figure in with_intervals(weighted_ratios(shares), np.array(patients)).items():
        interval = "" if figure["interval"] is None else "({:.0%} to {:.0%})".format(*figure["interval"])
        print(f"{name:12}{figure['value']:6.0%} {interval}")
    for (truth, found), count in sorted(Counter(zip(true, said, strict=True)).items()):
        print(f"{truth:>12} is said to be {found or 'nowhere'}: {count}")


def _explainer(dataset_dir: str, datalist: str, checkpoint: str, image_size: int, section: str) -> Explainer:
    parser = ConfigParser(ConfigParser.load_config_files(["configs/train.json", "configs/evaluate.json"]))
    parser.update({"bundle_root": ".", "dataset_dir": dataset_dir, "datalist": datalist, "image_size": image_size})
    parser.update({"section": section, "cache": "none", "device": torch.device("cpu")})
    explainer = parser.get_parsed_content("validate#explainer")
    explainer.network.eval().load_state_dict(torch.load(checkpoint, weights_only=True))
    return explainer


def _bleeding_heads(rows: Sequence[dict]) -> list[list[int]]:
    """Return the indices of each whole head with a bleed, in the order of their positions."""
    unscored = Predictions.of_rows(rows, np.full((len(rows), 2), 0.5), "binary")
    heads = [each for each in head_members(unscored) if (unscored.truth[each] == 1).any()]
    return [each[np.argsort(unscored.positions[each], kind="stable")].tolist() for each in heads]


def _scored(explainer: Explainer, indices: Sequence[int]) -> np.ndarray:
    samples = [explainer.dataset[index] for index in indices]
    images = torch.stack([unit_range(torch.as_tensor(sample["image"])) for sample in samples])
    with torch.no_grad():
        return MirroredInferer()(images, explainer.network).softmax(dim=1).numpy()


def _true_side(explainer: Explainer, indices: Sequence[int], values: dict[int, str]) -> str:
    """Return the side of the outlines of slices as they are displayed, "" where none is outlined."""
    left = every = 0.0
    for index in indices:
        row = explainer.rows[index]
        outlines = read_outlines(row, values) if row["mask"] else {}
        if outlines:
            columns = any_bleed(outlines).sum(axis=0)
            sample = explainer.dataset[index]
            middle = (float(sample["box_start"][1]) + float(sample["box_end"][1]) - 1) / 2
            left += columns[np.arange(len(columns)) > middle].sum()
            every += columns.sum()
    if not every:
        return ""
    share = left / every
    return "left" if share >= ONE_SIDE else "right" if share <= 1 - ONE_SIDE else "neither"


if __name__ == "__main__":
    run_command(main)
