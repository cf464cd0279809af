"""The report of an evaluation folder."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from bundle.datalist import Row
from bundle.errors import InputError
from bundle.figures import save_figure
from bundle.files import file_sha256, require_folder
from bundle.metrics import summarize
from bundle.predictions import (
    THRESHOLD,
    TRAINING,
    Predictions,
    describe_slice,
    read_history,
    read_predictions,
    write_history,
)
from bundle.report.earlier import read_earlier
from bundle.report.evaluation import SENSITIVITIES, SPECIFICITIES, Evaluation
from bundle.report.overlays import find_overlays
from bundle.report.page import render_page
from bundle.report.sections import SECTIONS, Section
from bundle.report.split import describe_split

_NO_RUN = {"evaluation": None, "training": None}


def write_report(
    folder: Path | str,
    dataset: str | None = None,
    configuration: Mapping[str, Any] | None = None,
    history: Path | str | None = None,
    threshold: float | None = None,
    sensitivities: Sequence[float] | None = None,
    specificities: Sequence[float] | None = None,
    datalist: Path | str | None = None,
    section: str = "test",
    run: Mapping[str, Any] | None = None,
    trained_on: Sequence[Row] | None = None,
) -> Path:
    """Write report.html, report.json and figures/*.png from an evaluation folder's predictions.csv.

    What is chosen (a temperature, thresholds) is chosen on validation.csv, of the same form, where it lies beside.

    The page stands alone: figures and overlays are embedded, nothing is loaded from elsewhere and no script runs. It
    shows no patient's pseudonym and no file name. What is not given is taken from the folder as an earlier report
    left it, in its report.json and its history.csv, but threshold, configuration, split, run and history only where it
    was of this predictions.csv. The overlays are those at `bundle.report.overlay_path`. Parts that are missing are said
    to be.

    Args:
        folder: the evaluation folder, with predictions.csv.
        dataset: name of the data set and split.
        configuration: what to tell of network and input: name → text, number or list.
        history: the training's history (see `read_history`); it is kept in the folder.
        threshold: P(any) from which on a slice is called a bleed; 0.5 where none is known.
        sensitivities: for which thresholds are chosen on the validation.
        specificities: the same.
        datalist: whose section was evaluated, to tell of the split and of slices without a prediction.
        section: of the datalist.
        run: on what evaluation and training were computed and how long they took: ``{"evaluation", "training"}``, each
            ``{"device", "processes", "seconds"}`` or None.
        trained_on: rows with which the evaluated checkpoint was trained, None where they are not known.

    Returns:
        The path of report.html.

    Raises:
        InputError: when a file is not what it should be, or the folder cannot be written to.
    """
    folder = require_folder(folder, "evaluate first, or name the folder that holds a predictions.csv")
    predictions = read_predictions(folder / "predictions.csv")
    digest = file_sha256(folder / "predictions.csv")
    earlier, kept = read_earlier(folder), folder / "history.csv"
    if earlier.get("predictions_sha256", digest) != digest:
        # It tells of other predictions: of their network, split and computer.
        of_others = ("configuration", "split", "run", "threshold")
        earlier = {name: value for name, value in earlier.items() if name not in of_others}
        if not (folder / TRAINING).is_file():  # beside which it is the training's own
            kept.unlink(missing_ok=True)
    overlays = find_overlays(folder, predictions.lines)
    course = read_history(history or kept) if history or kept.is_file() else {}
    split = earlier.get("split")
    if datalist is not None:
        known = split.get("trained") if split and split["section"] == section else None
        split = describe_split(datalist, section, predictions, trained_on)
        if trained_on is None:
            split["trained"] = known
    evaluation = Evaluation(
        folder,
        predictions,
        _read_validation(folder / "validation.csv", predictions.task),
        earlier.get("threshold", THRESHOLD) if threshold is None else threshold,
        _wanted(earlier, "sensitivity", SENSITIVITIES) if sensitivities is None else sensitivities,
        _wanted(earlier, "specificity", SPECIFICITIES) if specificities is None else specificities,
        split["missing"] if split else 0,
        split.get("seen") if split else None,
        split.get("trained") if split else None,
        **{name: split.get(name, 0) if split else 0 for name in ("elsewhere", "unlisted", "relabelled")},
        history=course,
    )
    described = earlier.get("configuration") if configuration is None else configuration
    summary = {
        "dataset": dataset or earlier.get("dataset"),
        "configuration": dict(described or {}),
        "predictions_sha256": digest,
        **summarize(predictions, evaluation.threshold),
    }
    summary |= {"split": split, "run": dict(earlier.get("run", _NO_RUN) if run is None else run)}
    for part in SECTIONS:
        if part.compute is not None:
            summary[part.name] = part.compute(evaluation)
    drawn = draw_figures(evaluation, summary, SECTIONS)
    captions = [
        (overlay, describe_slice(predictions, predictions.lines.index(line), evaluation.threshold))
        for line, overlay in overlays.items()
    ]
    path = folder / "report.html"
    try:
        if course:
            write_history(kept, course)
        figures = _save_figures(folder / "figures", drawn)
        (folder / "report.json").write_text(json.dumps(summary, indent=2, allow_nan=False) + "\n", encoding="utf-8")
        path.write_text(render_page(summary, figures, captions), encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be written to ({error.strerror})", "make the folder writable", folder) from error
    return path


def _wanted(earlier: Mapping[str, Any], kind: str, default: Sequence[float]) -> Sequence[float]:
    points = earlier.get("operating_points", {}).get("points", ())
    return [point["share"] for point in points if point["wanted"] == kind] or default


def _read_validation(path: Path, task: str) -> Predictions | None:
    if not path.is_file():
        return None
    validation = read_predictions(path)
    if validation.task != task:
        raise InputError(
            f"is of the task {validation.task}, predictions.csv beside it of {task}",
            "evaluate both with one model, or remove it",
            path,
        )
    return validation


def draw_figures(
    evaluation: Evaluation, summary: Mapping[str, Any], sections: Sequence[Section]
) -> dict[str, Figure | None]:
    """Return the figures of sections by name, None for those that have nothing to show.

    Args:
        evaluation: what is reported.
        summary: the content of report.json, see `bundle.metrics.summarize` and `Section.compute`.
        sections: of which the figures are wanted.
    """
    return {name: figure for part in sections for name, figure in part.draw(evaluation, dict(summary)).items()}


def _save_figures(folder: Path, figures: Mapping[str, Figure | None]) -> dict[str, Path]:
    """Save the figures there are, remove what an earlier report left of those there are not."""
    paths = {}
    for name, figure in figures.items():
        path = folder / f"{name}.png"
        if figure is None:
            path.unlink(missing_ok=True)
        else:
            paths[name] = save_figure(figure, path)
    return paths
