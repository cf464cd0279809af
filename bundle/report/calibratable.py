"""Whether predictions are those of a checkpoint itself, as its calibration needs them."""

import logging
from pathlib import Path

from bundle.errors import InputError
from bundle.files import file_sha256, model_sha256
from bundle.report.earlier import read_earlier

logger = logging.getLogger(__name__)

SMOOTHING, CHECKPOINT, DIGEST = "slice smoothing (mm)", "checkpoint", "checkpoint SHA-256"
"""Of the configuration in report.json, as ``configs/evaluate.json`` names it."""


def checkpoint_digest(checkpoint: Path | str) -> str:
    """Return the SHA-256 of what gives the answers, see `bundle.files.model_sha256`.

    It is "" where there is no file, as in federated learning, whose weights come from elsewhere.
    """
    return model_sha256(checkpoint) if Path(checkpoint).is_file() else ""


def require_calibratable(predictions: Path | str, checkpoint: Path | str) -> None:
    """Check that predictions were made by a checkpoint alone, and of each slice alone.

    The report.json beside them says so; of a table without one, as another program's, nothing is known. A calibration
    on the test section is told in the log, for the test then no longer judges it.

    Args:
        predictions: a predictions.csv or validation.csv.
        checkpoint: which is to be calibrated on them.

    Raises:
        InputError: when the report says that another network, or another one as well, made the predictions, or that
            they were smoothed over neighbouring slices, or that they are of the training section; when it is no JSON
            object; when there is no checkpoint.
    """
    predictions, checkpoint = Path(predictions), Path(checkpoint)
    report = read_earlier(predictions.parent)
    configuration = report.get("configuration") or {}
    # Of the validation.csv beside it, whatever is evaluated, the section is validation.
    section = (report.get("split") or {}).get("section") if predictions.name == "predictions.csv" else None
    if section == "training":
        problem = "is of the training section, on which a network is surer than on other patients"
        raise InputError(problem, "give the validation.csv beside it", predictions)
    if section == "test":
        logger.warning(
            "%s is of the test section: what is calibrated on it looks better there than it is; give the "
            "validation.csv beside it",
            predictions,
        )
    if sigma := configuration.get(SMOOTHING):
        problem = f"is smoothed over neighbouring slices (σ {sigma} mm), and weights are calibrated slice by slice"
        raise InputError(problem, "evaluate with --slice_smoothing 0 into a folder of its own", predictions)
    if not configuration.get(DIGEST):
        return
    if not checkpoint.is_file():
        raise InputError("does not exist", "train first, or give the path of another checkpoint", checkpoint)
    if configuration[DIGEST] != file_sha256(checkpoint):
        problem = f"was made by other weights ({configuration.get(CHECKPOINT)}) than those of {checkpoint} alone"
        remedy = "evaluate again with --checkpoint, in a folder where no second reader lies beside it"
        raise InputError(problem, remedy, predictions)
