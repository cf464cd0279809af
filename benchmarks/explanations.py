"""Grad-CAM, Grad-CAM++ and occlusion of the same slices: how often each points at the outlined bleed, and how fast.

python -m benchmarks.explanations data/phantom output/models/model.pt --image_size 96

Prints for each method how many of the outlined slices have their peak in the bleed and near it, with the share's 95 %
interval over patients, how many have no heat, the area under the deletion curve, and the seconds of a core a slice; in
the last line the same of places and orders at random.
"""

import time

import numpy as np
import torch
from monai.bundle import ConfigParser

from bundle.command import run_command
from bundle.datalist import read_mask_values
from bundle.errors import InputError
from bundle.explain import METHODS, Explainer, check_explanations
from bundle.labels import ANY_INDEX
from bundle.predictions import Predictions, class_to_explain
from bundle.statistics import with_intervals
from bundle.transforms import unit_range

TIMED = 8
"""Slices whose explanation is timed."""


def main(
    dataset_dir: str,
    checkpoint: str,
    image_size: int = 160,
    slices: int = 32,
    datalist: str | None = None,
    section: str = "test",
) -> None:
    """Print the table.

    Args:
        dataset_dir: folder of the images.
        checkpoint: of the default network and task.
        image_size: that it was trained with.
        slices: how many are explained at most, drawn at random.
        datalist: whose rows name masks of bleeds; DATASET_DIR/datalist.json when left out.
        section: of the datalist, from which the slices are drawn.
    """
    datalist = datalist or f"{dataset_dir}/datalist.json"
    parser = ConfigParser(ConfigParser.load_config_files(["configs/train.json", "configs/evaluate.json"]))
    parser.update({"bundle_root": ".", "dataset_dir": dataset_dir, "datalist": datalist, "image_size": image_size})
    parser.update({"section": section, "cache": "none", "device": torch.device("cpu")})
    of_section = parser.get_parsed_content("validate#explainer")
    network, task = of_section.network, of_section.task
    network.eval().load_state_dict(torch.load(checkpoint, weights_only=True))
    outlined = [n for n, row in enumerate(of_section.rows) if row["mask"] and row["label"][ANY_INDEX] == 1]
    if not outlined:
        raise InputError(
            f"has no bleed with a mask in the section {section}", "take a set that has, as the phantoms", datalist
        )
    drawn = np.random.default_rng(0).permutation(outlined)[:slices].tolist()
    rows, samples = [of_section.rows[n] for n in drawn], [of_section.dataset[n] for n in drawn]
    with torch.no_grad():
        logits = torch.cat([network(unit_range(torch.as_tensor(sample["image"]))[None]) for sample in samples])
    predictions = Predictions.of_rows(rows, logits.softmax(dim=1).numpy(), task)
    classes = [class_to_explain(predictions, n) for n in range(len(rows))]
    values = read_mask_values(datalist)
    few = range(min(TIMED, len(rows)))
    print(f"{len(rows)} slices of {len({row['patient'] for row in rows})} patients")
    print(f"{'':12}{'inside':>22}{'near':>22}{'no heat':>9}{'deletion':>10}{'core s':>9}")
    for method in METHODS:
        explainer = Explainer(network, samples, rows, task, of_section.layer, method)
        started = time.process_time()
        list(explainer.explain(few, classes[:TIMED]))
        seconds = (time.process_time() - started) / len(few)
        records = check_explanations(explainer, dict(enumerate(classes)), values)
        cells = "".join(_share(records, rows, name) for name in ("inside", "near"))
        no_heat = sum(record["no_heat"] for record in records)
        print(f"{method:12}{cells}{no_heat:>9}{_area(records, 'deletion'):>10.3f}{seconds:>9.3f}", flush=True)
    chances = "".join(
        f"{np.mean([record[f'chance_{name}'] for record in records]):>21.1%} " for name in ("inside", "near")
    )
    print(f"{'at random':12}{chances}{'':9}{_area(records, 'random'):>10.3f}")


def _share(records: list[dict], rows: list[dict], name: str) -> str:
    hits = np.array([record[name] for record in records], dtype=np.float64)
    patients = np.array([rows[record["index"]]["patient"] for record in records])
    share = with_intervals(lambda weights: {name: weights @ hits / weights.sum(axis=1)}, patients)[name]
    interval = "({:.0%} to {:.0%})".format(*share["interval"]) if share["interval"] else ""
    return f"{hits.sum():>7.0f} {interval:>14}"


def _area(records: list[dict], name: str) -> float:
    return float(np.mean([np.trapezoid(record[name], dx=1 / (len(record[name]) - 1)) for record in records]))


if __name__ == "__main__":
    run_command(main)
