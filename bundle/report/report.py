"""The report of an evaluation folder."""

import json
import shutil
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bundle.errors import InputError
from bundle.labels import ABBREVIATIONS, ANY, CLASSES, HEMORRHAGE, LABELS, NORMAL, SUBTYPES
from bundle.metrics import THRESHOLD, label_probabilities, precision_recall_curves, roc_curves
from bundle.report.figures import confusion_figure, history_figure, precision_recall_figure, roc_figure, save_figure
from bundle.report.history import read_history
from bundle.report.overlays import find_overlays
from bundle.report.predictions import Predictions, read_predictions
from bundle.report.summary import describe_truth, summarize

OVERLAYS = 24
"""How many Grad-CAM overlays are shown."""

_TEMPLATES = Path(__file__).parent
_ANY = LABELS.index(ANY)


def write_report(
    folder: Path | str,
    dataset: str | None = None,
    configuration: Mapping[str, Any] | None = None,
    history: Path | str | None = None,
    threshold: float | None = None,
) -> Path:
    """Write report.html, metrics.json and figures/ from an evaluation folder's predictions.csv.

    The page stands alone: figures and overlays are embedded, nothing is loaded from elsewhere and no script runs. It
    shows no patient's pseudonym and no file name. What is not given is taken from the folder, as an earlier report
    left it: dataset, configuration and threshold from its metrics.json, the history from its history.csv. Overlays
    are those of `bundle.report.overlay_path`. Parts that are missing are said to be.

    Args:
        folder: the evaluation folder, with predictions.csv.
        dataset: name of the data set and split.
        configuration: what to tell of network and input: name → text, number or list.
        history: the training's history (see `read_history`); it is copied into the folder.
        threshold: P(any) from which on a slice is called a bleed; 0.5 where none is known.

    Returns:
        The path of report.html.

    Raises:
        InputError: when a file cannot be read as what it should be.
    """
    folder = Path(folder)
    predictions = read_predictions(folder / "predictions.csv")
    earlier = _read_earlier(folder / "metrics.json")
    summary = summarize(
        predictions,
        dataset or earlier.get("dataset"),
        earlier.get("configuration") if configuration is None else configuration,
        earlier.get("threshold", THRESHOLD) if threshold is None else threshold,
    )
    figures = _draw(folder, predictions, summary, _find_history(folder, history))
    overlays = _describe_overlays(folder, predictions)
    page = _environment().get_template("report.html.j2").render(
        summary=summary, figures=figures, overlays=overlays[:OVERLAYS], overlay_count=len(overlays),
        labels=LABELS, subtypes=SUBTYPES, abbreviations=ABBREVIATIONS,
    )  # fmt: skip
    (folder / "metrics.json").write_text(json.dumps(summary, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    path = folder / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


def _read_earlier(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        earlier = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(earlier, dict):
            raise ValueError("no object")
    except ValueError as error:
        raise InputError(f"{path} is not the metrics.json of an evaluation ({error}); remove it") from error
    return earlier


def _find_history(folder: Path, history: Path | str | None) -> Path | None:
    kept = folder / "history.csv"
    if history is None:
        return kept if kept.is_file() else None
    source = Path(history)
    read_history(source)
    kept = folder / f"history{source.suffix}"
    if source.resolve() != kept.resolve():
        shutil.copyfile(source, kept)
    return kept


def _draw(
    folder: Path, predictions: Predictions, summary: Mapping[str, Any], history: Path | None
) -> dict[str, str | None]:
    """Save the figures and return them as data URIs by name, None for those that have nothing to show."""
    data = predictions.probabilities, predictions.labels, predictions.task
    positives = {name: counts["positive"] for name, counts in summary["labels"].items()}
    figures = {
        "roc": lambda curves: roc_figure(curves, {name: summary["metrics"][f"auc_{name}"] for name in curves}, positives),
    }
    return {name: None for name in figures}


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
