"""export.json: what exported files are, how they were made, and what was measured of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bundle.datalist.build import bundle_version
from bundle.errors import InputError
from bundle.files import file_sha256, written_whole
from bundle.labels import CLASSES

NAME = "export.json"
SCHEMA = 1
"""Version of the keys; a reader of another version refuses the file."""
BUNDLE = "brain_hemorrhage_classification"

FP32, INT8 = "fp32", "int8"
CLASSIFIERS: Mapping[str, str] = {FP32: "classifier.onnx", INT8: "classifier.int8.onnx"}
"""Runtime → file of its classifier."""
BRAIN_MASK = "brain_mask.onnx"
TORCHSCRIPT = "classifier.ts"

_REMEDY = "export the checkpoint again with python -m scripts.export"


@dataclass(frozen=True)
class Preprocessing:
    """What leads from a slice to the input of the classifier."""

    image_size: int
    """Side of the square, pixels."""
    windows: Sequence[Sequence[float]]
    """(level, width) in HU of each channel."""
    mask: bool
    """Whether only the brain is seen."""
    mask_margin: float = 0.0
    """By which the brain mask grows, as a share of the image's longer side."""
    crop_margin: int = 0
    """Pixels around the mask's box."""


@dataclass(frozen=True)
class Calibration:
    """What was fitted on the validation split with the file of one runtime."""

    slices: int
    """With a known label."""
    temperature: float
    """By which the logits are divided, relative to the checkpoint's own calibration."""
    shift: float
    """What is then added to the logit of *normal*, likewise."""
    operating_points: Sequence[Mapping[str, Any]]
    """``{"wanted", "share", "threshold"}``: P(any) from which on a share of the bleeds, or none of a share of the
    others, is called."""


@dataclass(frozen=True)
class RuntimeEntry:
    """One classifier file."""

    file: str
    parity: Mapping[str, Any]
    """How far it is from PyTorch on slices of the export."""
    calibration: Calibration | None
    """None where no labelled validation split was at hand."""
    accuracy: Mapping[str, Any] | None
    """On the validation split, likewise."""
    heads: Mapping[str, Any] | None = None
    """Of the calibrations of heads, what they were fitted on ("checkpoint" or "validation"), and by how much the sets
    are wider than those; None where there are none."""


@dataclass(frozen=True)
class Export:
    """The content of export.json."""

    schema: int
    bundle: str
    version: str
    checkpoint: str
    """SHA-256."""
    task: str
    classes: Sequence[str]
    standardise: bool
    preprocessing: Preprocessing
    mirrored: bool
    """Whether the mirror image is seen, too."""
    slice_smoothing: float
    """Standard deviation in mm, see `bundle.predictions.SliceSmoothing`."""
    threshold: float
    """P(any) from which on a single slice is called a hemorrhage, and a head without a calibration."""
    files: Mapping[str, Mapping[str, Any]]
    """Name → ``{"sha256", "bytes"}``."""
    runtimes: Mapping[str, RuntimeEntry]
    """By the keys of `CLASSIFIERS`, those that are offered."""
    brain_mask: Mapping[str, Any]
    """SHA-256 of its weights, and how far its file is from PyTorch; empty where slices are not masked."""
    versions: Mapping[str, str]
    """Of the packages that made the files."""


def describe_file(path: Path) -> dict[str, Any]:
    """Return what export.json says of a file: ``{"sha256", "bytes"}``."""
    return {"sha256": file_sha256(path), "bytes": path.stat().st_size}


def write_export(folder: Path, export: Export) -> Path:
    """Write export.json into a folder, and return its path.

    Raises:
        OSError: when it cannot be written.
    """
    path = folder / NAME
    with written_whole(path) as part:
        part.write_text(json.dumps(asdict(export), indent=2) + "\n", encoding="utf-8")
    return path


def read_export(folder: Path | str) -> Export:
    """Read the export.json of a folder; of the files themselves see `check_file`.

    Raises:
        InputError: when there is none, or it is of another bundle, of another version of it or of the keys, or
            broken.
    """
    path = Path(folder) / NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"holds no {NAME}", f"give a folder of exported files, or {_REMEDY}", folder) from None
    except (OSError, ValueError) as error:
        raise InputError("is no readable JSON file", _REMEDY, path) from error
    try:
        if content["bundle"] != BUNDLE:
            raise InputError(f"is of another bundle, {content['bundle']!r}", f"give one of {BUNDLE}", path)
        if content["schema"] != SCHEMA:
            raise InputError(f"has the schema {content['schema']}, and this version reads {SCHEMA}", _REMEDY, path)
        if content["version"] != (own := bundle_version()):
            # Slices are windowed, masked and cropped by the code of today; calibration and parity are of that of then.
            problem = f"is of the version {content['version']} of the bundle, and this is {own}"
            raise InputError(problem, _REMEDY, path)
        runtimes = {name: _entry(each) for name, each in content["runtimes"].items()}
        export = Export(**{**content, "preprocessing": Preprocessing(**content["preprocessing"]), "runtimes": runtimes})
        if tuple(export.classes) != CLASSES.get(export.task):
            raise ValueError
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError("is not as an export writes it", _REMEDY, path) from error
    return export


def check_file(folder: Path | str, export: Export, name: str) -> Path:
    """Return the path of an exported file, after a check that it is the one that was exported.

    Raises:
        InputError: when it is missing, or was changed since.
    """
    path = Path(folder) / name
    if name not in export.files or not path.is_file():
        raise InputError(f"lacks {name}", _REMEDY, folder)
    if file_sha256(path) != export.files[name]["sha256"]:
        raise InputError(f"is not the file that {NAME} describes, it was changed after the export", _REMEDY, path)
    return path


def _entry(content: Mapping[str, Any]) -> RuntimeEntry:
    given = content["calibration"]
    calibration = None if given is None else Calibration(**given)
    return RuntimeEntry(**{**content, "calibration": calibration})
