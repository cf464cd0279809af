"""The file next to a checkpoint with what was fitted on whole heads, for inference."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bundle.errors import InputError
from bundle.files import model_sha256, written_whole
from bundle.heads.calibration import HeadCalibration
from bundle.heads.peak import SIGMA
from bundle.predictions import View


@dataclass(frozen=True)
class Heads:
    """The calibrations of heads for one checkpoint and one view of the slices."""

    task: str
    """A key of `bundle.labels.CLASSES`."""
    view: View
    """How the slices were shown to the network."""
    placed: HeadCalibration | None
    """Of heads whose slices have positions; None where they were too few."""
    unplaced: HeadCalibration | None
    """Of heads whose slices have none, and are neither smoothed nor neighbours."""

    def of(self, placed: bool) -> HeadCalibration | None:
        """Return the calibration of a head with positions, or of one without."""
        return self.placed if placed else self.unplaced


def heads_path(checkpoint: Path | str) -> Path:
    """Return where the calibrations of a checkpoint lie: ``model.heads.json`` beside ``model.pt``."""
    return Path(checkpoint).with_suffix(".heads.json")


def write_heads(checkpoint: Path | str, heads: Heads) -> Path:
    """Write the calibrations beside their checkpoint, and return their path.

    Raises:
        OSError: when the folder cannot be written.
    """
    path = heads_path(checkpoint)
    content = {"checkpoint": model_sha256(checkpoint), "peak_sigma": SIGMA, **asdict(heads)}
    with written_whole(path) as part:
        part.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return path


def read_heads(checkpoint: Path | str, task: str, view: View | None) -> Heads:
    """Read the calibrations of a checkpoint.

    Args:
        checkpoint: whose file it is.
        task: that is expected.
        view: of the slices; None for whichever they were fitted with.

    Raises:
        FileNotFoundError: when the checkpoint has none.
        InputError: when they are of another checkpoint, task, view or rule, or the file is broken.
    """
    path = heads_path(checkpoint)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        digest, sigma = content.pop("checkpoint"), content.pop("peak_sigma")
        heads = Heads(
            str(content["task"]),
            View(**content["view"]),
            _calibration(content["placed"]),
            _calibration(content["unplaced"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError("is no file of the calibrations of heads", _remedy(checkpoint), path) from error
    if (digest, sigma, heads.task) != (model_sha256(checkpoint), SIGMA, task):
        raise InputError("is of another checkpoint, task or rule", _remedy(checkpoint), path)
    if view is not None and (difference := heads.view.difference(view)):
        raise InputError(f"was fitted with {difference}", f"use that, or {_again(checkpoint)}", path)
    return heads


def _remedy(checkpoint: Path | str) -> str:
    if Path(checkpoint).suffix == ".onnx":
        return "export the checkpoint again"
    return f"remove it, or {_again(checkpoint)}, which writes it"


def _again(checkpoint: Path | str) -> str:
    return f"evaluate {Path(checkpoint).name} on whole heads"


def _calibration(content: dict[str, float] | None) -> HeadCalibration | None:
    if content is None:
        return None
    return HeadCalibration(
        slope=float(content["slope"]),
        intercept=float(content["intercept"]),
        normal=float(content["normal"]),
        hemorrhage=float(content["hemorrhage"]),
        heads_normal=int(content["heads_normal"]),
        heads_hemorrhage=int(content["heads_hemorrhage"]),
    )
