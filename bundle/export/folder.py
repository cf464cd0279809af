"""A folder of exported files: compared with PyTorch, calibrated, described."""

import importlib.metadata
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from bundle.datalist import bundle_version
from bundle.errors import InputError
from bundle.export.agreement import agreement
from bundle.export.compared import classifier_difference, mask_difference
from bundle.export.inherited import checkpoint_heads, inherit_uncertainty, widened_heads
from bundle.export.int8 import quantise
from bundle.export.outputs import ExportedOutputs
from bundle.export.setup import Setup
from bundle.export.slices import (
    COMPARED,
    Slices,
    calibration_rows,
    phantom_slices,
    prepare,
    self_test_slices,
    spread,
    validation_rows,
)
from bundle.export.torch_files import write_onnx, write_torchscript
from bundle.export.validated import Validated, validate, write_fitted
from bundle.files import file_sha256, model_sha256, writable_folder
from bundle.heads import Heads, heads_path, write_heads
from bundle.labels import CLASSES
from bundle.networks import without_dead_channels
from bundle.runtime.classifier import EVIDENCE, FEATURES, INPUT, LOGITS
from bundle.runtime.export_file import (
    BRAIN_MASK,
    BUNDLE,
    CLASSIFIERS,
    FP32,
    INT8,
    SCHEMA,
    TORCHSCRIPT,
    Export,
    RuntimeEntry,
    describe_file,
    write_export,
)
from bundle.runtime.self_test import NAME as SELF_TEST
from bundle.runtime.self_test import write_self_test
from bundle.transforms.brain_mask import INPUT_SIZE
from bundle.uncertainty import uncertainty_path

_PACKAGES = ("torch", "monai", "numpy", "onnx", "onnxruntime")


def export_folder(
    setup: Setup, output: Path | str, dataset_dir: Path | str | None, datalist: Path | str | None, int8: bool
) -> Export:
    """Write the exported files of a checkpoint and export.json, and return what that says.

    What is there before stays until all is made, and files of an earlier export that this one does not offer are
    removed.

    Args:
        setup: of the checkpoint.
        output: the folder.
        dataset_dir: of a data set whose validation split calibrates the files; None to compare them on phantoms alone.
        datalist: of the data set; datalist.json in its folder when None.
        int8: whether to make the int8 form, which needs a data set.

    Raises:
        InputError: when a file in float32 differs from PyTorch, and then nothing is written; when int8 is not near
            enough to float32, and then all but int8 is written; when the data set cannot be read.
    """
    output = writable_folder(output)
    with tempfile.TemporaryDirectory(dir=output, prefix=".export-") as scratch, tempfile.TemporaryDirectory() as heads:
        folder = Path(scratch)
        problems: list[str] = []
        if dataset_dir is None:
            slices = phantom_slices(setup.transform, Path(heads))
        else:
            path = Path(dataset_dir) / "datalist.json" if datalist is None else Path(datalist)
            slices = prepare(validation_rows(path, dataset_dir), setup.transform, "validation")
        few = spread(len(slices.images), COMPARED)
        compared = Slices([slices.rows[index] for index in few.tolist()], slices.images[few])
        mask = _write_brain_mask(setup, folder, compared)
        runtimes = {FP32: _write_float(setup, folder, compared)}
        if dataset_dir is None:
            runtimes[FP32] = _inherited(setup, folder, runtimes[FP32])
        else:
            reference = validate(setup, folder / CLASSIFIERS[FP32], slices)
            runtimes[FP32] = _validated(setup, folder, FP32, slices, runtimes[FP32], reference, reference)
            if int8:
                calibration = prepare(calibration_rows(path, dataset_dir), setup.transform, "calibration")
                quantise(folder / CLASSIFIERS[FP32], folder / CLASSIFIERS[INT8], calibration.images)
                found = validate(setup, folder / CLASSIFIERS[INT8], slices, reference)
                problems = agreement(reference.predictions, found.predictions, setup.threshold).problems()
                if problems:
                    (folder / CLASSIFIERS[INT8]).unlink()
                else:
                    entry = RuntimeEntry(CLASSIFIERS[INT8], {}, None, None)
                    runtimes[INT8] = _validated(setup, folder, INT8, slices, entry, found, reference)
        files = {name: folder / entry.file for name, entry in runtimes.items()}
        write_self_test(folder, self_test_slices(setup.transform), files, setup.task)
        export = _describe(setup, folder, runtimes, mask)
        _move(folder, output, write_export(folder, export))
    if problems:
        raise InputError(
            f"int8 is not offered on {len(slices.images)} validation slices: {', '.join(problems)}",
            "use fp32, which was written",
        )
    return export


def _write_brain_mask(setup: Setup, folder: Path, compared: Slices) -> dict[str, Any]:
    if setup.brain_mask is None:
        return {}
    example = torch.zeros(2, 1, INPUT_SIZE, INPUT_SIZE)
    write_onnx(setup.brain_mask.network, example, folder / BRAIN_MASK, INPUT, [LOGITS])
    difference = _rounded(mask_difference(setup.brain_mask, folder / BRAIN_MASK, compared))
    return {"weights": file_sha256(setup.brain_mask.weights), "max_logit_difference": difference}


def _write_float(setup: Setup, folder: Path, compared: Slices) -> RuntimeEntry:
    outputs = ExportedOutputs(without_dead_channels(setup.network))
    names = [LOGITS, FEATURES, *([EVIDENCE] if outputs.has_evidence else [])]
    example = torch.from_numpy(compared.images[:2]).float() / 255
    file, torchscript = folder / CLASSIFIERS[FP32], folder / TORCHSCRIPT
    write_onnx(outputs, example, file, INPUT, names)
    write_torchscript(outputs, example, torchscript)
    difference = classifier_difference(setup.network, file, torchscript, compared, setup.task)
    parity = {"slices": len(compared.images), "max_probability_difference": _rounded(difference)}
    return RuntimeEntry(file.name, parity, None, None)


def _inherited(setup: Setup, folder: Path, entry: RuntimeEntry) -> RuntimeEntry:
    file = folder / entry.file
    inherit_uncertainty(setup, file)
    heads = checkpoint_heads(setup)
    if heads is None:
        return entry
    write_heads(file, heads)
    return replace(entry, heads={"fitted_on": "checkpoint"})


def _validated(
    setup: Setup,
    folder: Path,
    name: str,
    slices: Slices,
    entry: RuntimeEntry,
    validated: Validated,
    reference: Validated,
) -> RuntimeEntry:
    heads = write_fitted(setup, folder / entry.file, slices, validated)
    accuracy = asdict(agreement(reference.predictions, validated.predictions, setup.threshold))
    described = _write_heads(setup, folder / entry.file, name, heads, validated, reference)
    return RuntimeEntry(entry.file, entry.parity, validated.calibration, accuracy, described)


def _write_heads(
    setup: Setup, file: Path, name: str, fitted: Heads | None, validated: Validated, reference: Validated
) -> dict[str, Any] | None:
    """Write the calibrations of heads of a runtime beside its file, and return what export.json says of them.

    In float32 they are those of the checkpoint, where it has some, else what was fitted on the validation split; in
    int8 what was fitted there, else those of the checkpoint, with wider sets.
    """
    heads = checkpoint_heads(setup)
    described: dict[str, Any] = {"fitted_on": "checkpoint"}
    if heads is None or (name == INT8 and fitted is not None):
        heads, described = fitted, {"fitted_on": "validation"}
    elif name == INT8:
        heads, margins = widened_heads(heads, reference.predictions, validated.predictions)
        described["log_odds_margin"] = margins
    if heads is None:
        return None
    write_heads(file, heads)
    return described


def _describe(setup: Setup, folder: Path, runtimes: dict[str, RuntimeEntry], mask: dict[str, float]) -> Export:
    return Export(
        schema=SCHEMA,
        bundle=BUNDLE,
        version=bundle_version(),
        checkpoint=model_sha256(setup.checkpoint),
        task=setup.task,
        classes=CLASSES[setup.task],
        standardise=setup.standardise,
        preprocessing=setup.preprocessing,
        mirrored=setup.mirrored,
        slice_smoothing=setup.slice_smoothing,
        threshold=setup.threshold,
        files={path.name: describe_file(path) for path in sorted(folder.iterdir())},
        runtimes=runtimes,
        brain_mask=mask,
        versions={name: importlib.metadata.version(name) for name in _PACKAGES},
    )


def _move(folder: Path, output: Path, description: Path) -> None:
    """Bring the files into the place of those of an earlier export, export.json as the last."""
    classifiers = [output / name for name in CLASSIFIERS.values()]
    earlier = [description.name, BRAIN_MASK, TORCHSCRIPT, SELF_TEST, *CLASSIFIERS.values()]
    fitted = (of_file(path) for of_file in (uncertainty_path, heads_path) for path in classifiers)
    for path in (*(output / name for name in earlier), *fitted):
        path.unlink(missing_ok=True)
    for path in sorted(folder.iterdir(), key=lambda each: each == description):
        path.replace(output / path.name)


def _rounded(value: float) -> float:
    return float(f"{value:.2g}")
