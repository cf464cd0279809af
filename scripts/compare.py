"""Train the paper's four models in the same way and compare them: ``python -m scripts.compare DATASET_DIR``."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from bundle.command import fail, run_command
from bundle.compare import MODELS, Experiment, compare, find_model, make_runs, read_results, write_comparison
from bundle.errors import InputError
from bundle.files import writable_folder

MASKS = {"both": (True, False), "true": (True,), "false": (False,)}


def main(
    dataset_dir: str = "data/phantom",
    output: str = "compare",
    datalist: str | None = None,
    models: str | Sequence[str] = tuple(MODELS),
    mask: Literal["both", "true", "false"] = "both",
    seeds: int | Sequence[int] = 0,
    pretrained: str | Sequence[str] = (),
    **settings: Any,
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
        pretrained: local weights from which the training of a model starts, as vgg16=FILE,resnet50=FILE.
        settings: any other key of the configs, the same for all runs, as --max_epochs 20 --image_size 224.
    """
    if str(mask).lower() not in MASKS:
        raise InputError(f"--mask is {mask!r}", "give both, true or false")
    folder = writable_folder(str(output))
    experiment = Experiment(
        Path(str(dataset_dir)),
        Path(str(datalist)) if datalist else Path(str(dataset_dir)) / "datalist.json",
        [find_model(name) for name in _listed(models)],
        MASKS[str(mask).lower()],
        [_seed(each) for each in _listed(seeds)],
        settings,
        dict(_weights(each) for each in _listed(pretrained)),
    )
    folders, failed = make_runs(experiment, folder)
    if not folders:
        fail(f"all of the {len(failed)} runs failed, the first because {next(iter(failed.values()))}")
    candidates = read_results(folders)
    page = write_comparison(folder, candidates, compare(experiment, candidates, failed))
    print(f"Comparison: {page}")
    if failed:
        raise SystemExit(2)


def _listed(value: Any) -> list[Any]:
    """Return what a person gave, one or several separated by commas, without repetitions."""
    if isinstance(value, str):
        value = [each.strip() for each in value.split(",") if each.strip()]
    return list(dict.fromkeys(value if isinstance(value, list | tuple) else [value]))


def _weights(value: str) -> tuple[str, Path]:
    name, _, path = str(value).partition("=")
    if not path:
        raise InputError(f"--pretrained holds {value!r}", "give MODEL=FILE, several separated by commas")
    return name, Path(path)


def _seed(value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdigit():
        raise InputError(f"--seeds holds {value!r}", "give whole numbers separated by commas")
    return int(value)


if __name__ == "__main__":
    if {"--help", "-h"} & set(sys.argv):
        # Fire would take it for one of the settings.
        sys.argv[1:] = ["--", "--help"]
    run_command(main)
