"""What is compared: a training of each model, with and without the mask, with each seed and fold."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from bundle.command import checked_overrides
from bundle.compare.models import CONFIGS, Model
from bundle.datalist import bundle_version
from bundle.errors import InputError
from bundle.files import file_sha256

_OURS = {
    "bundle_root", "dataset_dir", "datalist", "ckpt_dir", "output_dir", "cache_dir", "run_name",
    "seed", "mask", "resume", "pretrained", "network_def", "section", "run", "training", "initialize",
    "checkpoint", "evaluation_dir", "view", "choose", "evaluate",
}  # fmt: skip
_EVALUATE = CONFIGS / "evaluate.json"
_BRAIN_MASK = CONFIGS.parent / "models" / "brain_mask.pt"
_WITHOUT_EFFECT = {"cache", "num_workers", "device", "gradcam_slices"}


@dataclass(frozen=True)
class Run:
    """One training and its evaluation."""

    model: Model
    mask: bool
    seed: int
    fold: int | None = None
    """Of a cross-validation, that which it is tested on."""

    @property
    def name(self) -> str:
        """Name of its folder."""
        fold = "" if self.fold is None else f"_fold{self.fold}"
        return f"{self.model.name}_{'mask' if self.mask else 'no_mask'}_seed{self.seed}{fold}"

    def __str__(self) -> str:
        """Return what it is, for people to read."""
        fold = "" if self.fold is None else f", fold {self.fold}"
        return f"{self.model.title}, {'with' if self.mask else 'without'} mask, seed {self.seed}{fold}"


@dataclass(frozen=True)
class Experiment:
    """All runs, and what is common to them.

    Args:
        dataset_dir: folder of the images.
        datalist: what all runs are trained and evaluated on, but for those of a cross-validation.
        models: each is trained …
        masks: … with each of these values of ``mask``, where True is with the brain mask …
        seeds: … and each of these.
        settings: overrides of the configs, the same in all runs.
        pretrained: name of a model → local weights file that its training starts from.
        folds: of a cross-validation, the datalist of each fold, see `bundle.compare.folds.write_folds`.

    Raises:
        InputError: when a file is missing, or a setting is unknown or not one to choose.
    """

    dataset_dir: Path
    datalist: Path
    models: Sequence[Model]
    masks: Sequence[bool] = (True, False)
    seeds: Sequence[int] = (0,)
    settings: Mapping[str, Any] = field(default_factory=dict)
    pretrained: Mapping[str, Path] = field(default_factory=dict)
    folds: Sequence[Path] = ()

    def __post_init__(self) -> None:
        if not self.folds and not self.datalist.is_file():
            raise InputError("does not exist", "make a datalist with scripts.prepare, or name it", self.datalist)
        for name in self.settings:
            if name.split("#")[0] in _OURS:
                raise InputError(f"--{name} is not free in a comparison, where the runs differ by it or share it")
        configs = [CONFIGS / "train.json", _EVALUATE]
        object.__setattr__(self, "settings", checked_overrides(self.settings, configs))
        for name, path in self.pretrained.items():
            if name not in [model.name for model in self.models]:
                raise InputError(f"--pretrained names {name!r}, which is not compared", "use a model's name")
            if not path.is_file():
                raise InputError("does not exist", f"name the weights of {name} with --pretrained", path)

    @property
    def runs(self) -> list[Run]:
        """Every run, in the order in which they are made."""
        return [Run(*each) for each in product(self.models, self.masks, self.seeds, range(len(self.folds)) or [None])]

    def datalist_of(self, run: Run) -> Path:
        """Return what a run is trained and evaluated on."""
        return self.datalist if run.fold is None else self.folds[run.fold]

    def recipe(self, run: Run) -> dict[str, Any]:
        """Return what a run is made of, as it is kept beside it: the same recipe, the same run."""
        weights, datalist = self.pretrained.get(run.model.name), self.datalist_of(run)
        return {
            "mask": run.mask,
            "seed": run.seed,
            "datalist": {"name": datalist.name, "sha256": file_sha256(datalist)},
            "pretrained": {"name": weights.name, "sha256": file_sha256(weights)} if weights else None,
            "settings": {name: value for name, value in self.settings.items() if name not in _WITHOUT_EFFECT},
            "config": read_config(*run.model.configs),
            "evaluation": read_config(_EVALUATE),
            "brain_mask": file_sha256(_BRAIN_MASK) if run.mask else None,
            "version": bundle_version(),
        }

    def max_epochs(self, run: Run) -> int:
        """Return how many epochs a run has at most."""
        return int(self.settings.get("max_epochs", read_config(*run.model.configs)["max_epochs"]))


def read_config(*paths: Path) -> dict[str, Any]:
    """Return a config and the keys of overlays over it, without their comments.

    Raises:
        InputError: when the overlay is not JSON.
    """
    config: dict[str, Any] = {}
    for path in paths:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(f"is not a config in JSON ({error})", "correct it", path) from None
        config |= {key: value for key, value in content.items() if not key.startswith("_")}
    return config
