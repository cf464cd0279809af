"""The classifier of an export, checked before it is used."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bundle.errors import InputError
from bundle.heads import heads_path
from bundle.runtime import self_test
from bundle.runtime.classifier import Classifier
from bundle.runtime.export_file import CLASSIFIERS, FP32, INT8, NAME, Calibration, Export, check_file, read_export
from bundle.uncertainty import uncertainty_path

AUTO = "auto"


@dataclass(frozen=True, eq=False)
class Opened:
    """A classifier that is the one that was exported, and computes on this machine what it did then."""

    export: Export
    name: str
    """Of the runtime, a key of `CLASSIFIERS`."""
    file: Path
    classifier: Classifier
    calibration: Calibration | None
    """None where the export had no labelled slices."""


def open_classifier(
    folder: Path | str, name: str = AUTO, mirrored: bool | None = None, threads: int | None = None
) -> Opened:
    """Open a classifier.

    Args:
        folder: as ``python -m scripts.export`` wrote it.
        name: a key of `CLASSIFIERS`; "auto" is int8 where it was offered, else fp32.
        mirrored: whether the mirror image is seen, too; as the export says when None.
        threads: see `Classifier`.

    Raises:
        InputError: when the folder is no export of this bundle, one of its files was changed or cannot be loaded, or it
            does not offer the runtime; when the self-test fails; when ONNX Runtime is not installed.
    """
    export = read_export(folder)
    name = _choice(folder, name, list(export.runtimes))
    entry = export.runtimes[name]
    file = check_file(folder, export, entry.file)
    for fitted in (uncertainty_path(file), heads_path(file)):
        # One that is missing calls no head routine; one that was edited might.
        if fitted.name in export.files and fitted.is_file():
            check_file(folder, export, fitted.name)
    classifier = Classifier(file, export.mirrored if mirrored is None else mirrored, threads)
    size = export.preprocessing.image_size
    described = len(export.preprocessing.windows), size, size
    if classifier.shape != described:
        taken, told = (" × ".join(map(str, shape)) for shape in (classifier.shape, described))
        raise InputError(f"takes images of {taken}, and {NAME} describes {told}", "export the checkpoint again", file)
    self_test.check_once(check_file(folder, export, self_test.NAME), export, name, classifier)
    return Opened(export, name, file, classifier, entry.calibration)


def _choice(folder: Path | str, name: str, offered: Sequence[str]) -> str:
    if name == AUTO:
        name = INT8 if INT8 in offered else FP32
    if name not in CLASSIFIERS:
        raise InputError(f"the runtime must be one of {', '.join((AUTO, *CLASSIFIERS))}, got {name!r}")
    if name not in offered:
        remedy = f"use {' or '.join(offered)}, or export with --dataset_dir"
        raise InputError(f"does not offer the runtime {name}", remedy, folder)
    return name
