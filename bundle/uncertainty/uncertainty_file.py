"""The file next to a checkpoint with the limits that were fitted on the validation split, for inference."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bundle.errors import InputError
from bundle.files import model_sha256, written_whole
from bundle.predictions import View
from bundle.uncertainty.gaussian import Gaussian
from bundle.uncertainty.limits import Limits


@dataclass(frozen=True)
class Uncertainty:
    """What was fitted on the validation split: limits for prediction sets, and the distribution of features."""

    task: str
    """A key of `bundle.labels.CLASSES`."""
    limits: tuple[Limits, ...]
    """One a level."""
    gaussian: Gaussian
    """Of the penultimate features of the validation split's slices."""
    view: View
    """How the slices were shown to the network."""

    def at(self, level: float) -> Limits:
        """Return the limits of a level."""
        return next(limits for limits in self.limits if limits.level == level)


def uncertainty_path(checkpoint: Path | str) -> Path:
    """Return where the uncertainty of a checkpoint lies: ``model.uncertainty.npz`` beside ``model.pt``."""
    return Path(checkpoint).with_suffix(".uncertainty.npz")


def write_uncertainty(checkpoint: Path | str, uncertainty: Uncertainty) -> Path:
    """Write the uncertainty beside its checkpoint, and return its path.

    Raises:
        OSError: when the folder cannot be written.
    """
    path = uncertainty_path(checkpoint)
    # An opened file, for NumPy adds .npz to a path that ends otherwise.
    with written_whole(path) as part, part.open("wb") as file:
        np.savez_compressed(
            file,
            task=uncertainty.task,
            view=uncertainty.view.text,
            checkpoint=model_sha256(checkpoint),
            limits=np.array(uncertainty.limits, dtype=np.float64),
            **uncertainty.gaussian._asdict(),
        )
    return path


def read_uncertainty(checkpoint: Path | str, expected_task: str, view: View | None) -> Uncertainty:
    """Read the uncertainty of a checkpoint. Nothing in the file is unpickled.

    Args:
        checkpoint: whose file it is.
        expected_task: which it must have been fitted for.
        view: of the slices, likewise; None for whichever it was fitted with.

    Raises:
        FileNotFoundError: when the checkpoint has none.
        InputError: when it is of another checkpoint, task or view, or is broken.
    """
    path = uncertainty_path(checkpoint)
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            task, digest = (str(file[name]) for name in ("task", "checkpoint"))
            fitted = View.parsed(str(file["view"]))
            limits = tuple(Limits(*map(float, row)) for row in file["limits"])
            gaussian = Gaussian(*(file[name] for name in Gaussian._fields))
        if gaussian.directions.shape[1:] != gaussian.mean.shape:
            raise ValueError
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise InputError("is no uncertainty file of a checkpoint", _remedy(checkpoint), path) from error
    if (digest, task) != (model_sha256(checkpoint), expected_task):
        raise InputError("is of another checkpoint or task", _remedy(checkpoint), path)
    if view is not None and (difference := fitted.difference(view)):
        raise InputError(f"was fitted with {difference}", f"use that, or {_remedy(checkpoint)}", path)
    return Uncertainty(task, limits, gaussian, fitted)


def _remedy(checkpoint: Path | str) -> str:
    if Path(checkpoint).suffix == ".onnx":
        return "export the checkpoint again"
    return f"remove it, or evaluate {Path(checkpoint).name} again"


def find_uncertainty(checkpoint: Path | str, task: str, view: View) -> tuple[Uncertainty | None, str]:
    """Return the uncertainty file beside a checkpoint, or None and a sentence that says why there is none."""
    try:
        return read_uncertainty(checkpoint, task, view), ""
    except FileNotFoundError:
        missing = f"there is no {uncertainty_path(checkpoint).name} beside"
        if Path(checkpoint).suffix == ".onnx":
            remedy = "export a checkpoint that has one, or with --dataset_dir"
            return None, f"{missing} {Path(checkpoint).name}; {remedy}"
        return None, f"{missing} the checkpoint; evaluate it on a datalist with a validation split, which writes it"
    except InputError as error:
        return None, str(error)
