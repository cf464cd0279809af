"""Train the paper's four models alike and compare them: ``python -m scripts.compare DATASET_DIR``."""

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
    """Train what is not yet trained, with and without the brain mask, and write the page that compares all.

    A comparison that was cut off goes on when it is started again. Exit status: 0 when every run is in the comparison,
    2 when some failed, 1 when there is none.

    Args:
        dataset_dir: folder prepared by scripts.prepare.
        output: folder of the comparison.
        datalist: what to train and evaluate on; DATASET_DIR/datalist.json when left out.
        models: some of vgg16, resnet50, seresnet50, full, separated by commas, or paths of overlays of your own.
        mask: both, true or false: with the brain mask and without, or one of them.
        seeds: numbers separated by commas; each run is made with each.
        pretrained: local weights that models start from, as vgg16=FILE,resnet50=FILE.
        settings: whatever else the configs know, the same for all runs, as --max_epochs 20 --image_size 224.
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
