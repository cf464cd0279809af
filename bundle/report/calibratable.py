"""Whether predictions are those of a checkpoint itself, as its calibration needs them."""

from pathlib import Path

from bundle.errors import InputError
from bundle.files import file_sha256, model_sha256
from bundle.report.earlier import read_earlier

SMOOTHING, CHECKPOINT, DIGEST = "slice smoothing (mm)", "checkpoint", "checkpoint SHA-256"
"""Of the configuration in report.json, as ``configs/evaluate.json`` names it."""


def checkpoint_digest(checkpoint: Path | str) -> str:
    """Return the SHA-256 of what gives the answers, see `bundle.files.model_sha256`.

    It is "" where there is no file, as in federated learning, whose weights come from elsewhere.
    """
    return model_sha256(checkpoint) if Path(checkpoint).is_file() else ""


def require_calibratable(predictions: Path | str, checkpoint: Path | str) -> None:
    """Check that predictions were made by a checkpoint alone, and of each slice alone.

    The report.json beside them says so; of a table without one, as another program's, nothing is known.

    Args:
        predictions: a predictions.csv or validation.csv.
        checkpoint: which is to be calibrated on them.

    Raises:
        InputError: when the report says that another network, or another one as well, made the predictions, or that
            they were smoothed over neighbouring slices; when it is no JSON object; when there is no checkpoint.
    """
    predictions, checkpoint = Path(predictions), Path(checkpoint)
    configuration = read_earlier(predictions.parent).get("configuration") or {}
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
