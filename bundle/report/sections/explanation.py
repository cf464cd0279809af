"""Check of explanations: pointing game and deletion curves."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from bundle.errors import InputError
from bundle.figures import legend_below, unit_axes
from bundle.report.evaluation import Evaluation
from bundle.report.sections.section import Content
from bundle.statistics import with_intervals

FILE = "explanation.json"


def check_explanation(evaluation: Evaluation) -> dict[str, Any] | None:
    """Return the content of the section ``explanation``, None where no explanation was checked.

    - ``method``, ``layer``, ``tolerance``: how it was explained, and how far from the lesion a peak still is a hit, as
      a share of the longer side of what the network saw.
    - ``outlined``, ``slices``, ``patients``, ``no_heat``: counts of slices with a bleed and a mask, of those that were
      checked, of their patients, and of slices without any heat, which are no hits.
    - ``pointing``: for ``inside`` the lesion and ``near`` it ``{"hits", "share", "chance", "above_chance"}``.
    - ``deletion``: ``{"explained", "random", "area_explained", "area_random", "difference"}``: mean curves, the areas
      under them, and random minus explained.

    Shares and areas are ``{"value", "interval"}``, see `bundle.report.intervals`.

    Raises:
        InputError: when explanation.json is none, or is of other slices than predictions.csv.
    """
    path = evaluation.folder / FILE
    if not path.is_file():
        return None
    predictions = evaluation.predictions
    patient_of = dict(zip(predictions.lines, predictions.clusters, strict=True))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        slices = content["slices"]
        patients = [patient_of[each["line"]] for each in slices]
        curves = {name: np.array([each[name] for each in slices], dtype=np.float64) for name in ("deletion", "random")}
        areas = {name: np.trapezoid(each, dx=1 / (each.shape[1] - 1), axis=1) for name, each in curves.items()}
        columns: dict[str, np.ndarray] = {"explained": areas["deletion"], "random": areas["random"]}
        for name in ("inside", "near"):
            columns[name] = np.array([each[name] for each in slices], dtype=np.float64)
            columns[f"chance_{name}"] = np.array([each[f"chance_{name}"] for each in slices], dtype=np.float64)
        head = {name: content[name] for name in ("method", "layer", "tolerance", "outlined")}
        no_heat = sum(each["no_heat"] for each in slices)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise _broken(path) from error
    columns["difference"] = columns["random"] - columns["explained"]
    for name in ("inside", "near"):
        columns[f"above_{name}"] = columns[name] - columns[f"chance_{name}"]
    figures = with_intervals(lambda weights: _means(columns, weights), np.array(patients))
    return {
        **head,
        "slices": len(slices),
        "patients": len(set(patients)),
        "no_heat": no_heat,
        "pointing": {
            name: {
                "hits": int(columns[name].sum()),
                "share": figures[name],
                "chance": figures[f"chance_{name}"],
                "above_chance": figures[f"above_{name}"],
            }
            for name in ("inside", "near")
        },
        "deletion": {
            "explained": curves["deletion"].mean(axis=0).tolist(),
            "random": curves["random"].mean(axis=0).tolist(),
            "area_explained": figures["explained"],
            "area_random": figures["random"],
            "difference": figures["difference"],
        },
    }


def draw_explanation(evaluation: Evaluation, summary: Content) -> dict[str, Figure | None]:
    """Return the figure of the deletion curves."""
    content = summary["explanation"]
    return {"deletion": None if content is None else deletion_figure(content["deletion"])}


def _means(columns: dict[str, np.ndarray], weights: np.ndarray) -> dict[str, np.ndarray]:
    return {name: weights @ column / weights.sum(axis=1) for name, column in columns.items()}


def _broken(path: Path) -> InputError:
    return InputError("is not the check of these predictions", "evaluate again, or remove it", path)


def deletion_figure(curves: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the mean deletion curves.

    Args:
        curves: "explained" and "random" → probability after each part of the pixels was blackened.
    """
    figure, axes = unit_axes("Fraction of the pixels blackened", "Probability of the explained class")
    for name, dashes in (("explained", "-"), ("random", "--")):
        axes.plot(np.linspace(0, 1, len(curves[name])), curves[name], label=name, color="#000000", linestyle=dashes)
    legend_below(figure, "Order")
    return figure
