"""Train the paper's four models in the same way and compare them: ``python -m scripts.compare DATASET_DIR``."""

import sys
from pathlib import Path
from typing import Literal

from bundle.command import fail, run_command
from bundle.compare import (
    MODELS,
    Experiment,
    compare,
    find_model,
    make_runs,
    read_results,
    write_comparison,
    write_folds,
    write_pooled,
)
from bundle.errors import InputError
from bundle.files import writable_folder

MASKS = {"both": (True, False), "true": (True,), "false": (False,)}


def main(
    dataset_dir: str = "data/phantom",
    output: str = "compare",
    datalist: str | None = None,
    models: str = ",".join(MODELS),
    mask: Literal["both", "true", "false"] = "both",
    seeds: str = "0",
    folds: int = 0,
    pretrained: str = "",
    **settings: str,
) -> None:
    """Train the models that are not trained yet, with and without the brain mask, and write a page that compares them.

    An interrupted comparison continues when it is started again. Exit status: 0 if all runs are in the comparison, 2 if
    some failed, 1 if there is none.

    Args:
        dataset_dir: folder prepared by scripts.prepare.
        output: folder of the comparison.
        datalist: datalist for training and evaluation, by default DATASET_DIR/datalist.json.
        models: some of vgg16, resnet50, seresnet50, full, separated by commas, or paths of your own configs.
        mask: both, true or false: with and without the brain mask, or one of them.
        seeds: numbers separated by commas; each run is made with each of them.
        folds: cross-validation with the folds that scripts.prepare --folds wrote, at least 3: each run is made once a
            fold, and the test is of all folds together. The report of each model and seed is in OUTPUT/pooled.
        pretrained: local weights from which the training of a model starts, as vgg16=FILE,resnet50=FILE.
        settings: any other key of the configs, the same for all runs, as --max_epochs 20 --image_size 224.
    """
    if mask.lower() not in MASKS:
        raise InputError(f"--mask is {mask!r}", "give both, true or false")
    folder = writable_folder(output)
    listed = Path(datalist) if datalist else Path(dataset_dir) / "datalist.json"
    experiment = Experiment(
        Path(dataset_dir),
        listed,
        [find_model(name) for name in _listed(models)],
        MASKS[mask.lower()],
        [_seed(each) for each in _listed(seeds)],
        settings,
        dict(_weights(each) for each in _listed(pretrained)),
        write_folds(listed, folds, folder / "folds") if folds else (),
    )
    folders, failed = make_runs(experiment, folder)
    candidates = read_results(folders, folds)
    if not candidates:
        fail(
            f"{'a fold of each model' if folders else f'all of the {len(failed)} runs'} failed, the first because "
            f"{next(iter(failed.values()))}"
        )
    page = write_comparison(folder, candidates, compare(experiment, candidates, failed))
    if folds:
        for report in write_pooled(folder, candidates, Path(dataset_dir).resolve().name, folds):
            print(f"Report of all folds: {report}")
    print(f"Comparison: {page}")
    if failed:
        raise SystemExit(2)


def _listed(text: str) -> list[str]:
    """Return what a person gave, one or several separated by commas, without repetitions."""
    return list(dict.fromkeys(each.strip() for each in text.split(",") if each.strip()))


def _weights(text: str) -> tuple[str, Path]:
    name, _, path = text.partition("=")
    if not path:
        raise InputError(f"--pretrained holds {text!r}", "give MODEL=FILE, several separated by commas")
    return name, Path(path)


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise InputError(f"--seeds holds {text!r}", "give whole numbers separated by commas")
    return int(text)


if __name__ == "__main__":
    if {"--help", "-h"} & set(sys.argv):
        # Fire would take it for one of the settings.
        sys.argv[1:] = ["--", "--help"]
    run_command(main)
