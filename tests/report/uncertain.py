"""Evaluation folders of which the truth is known."""

import json
from unittest.mock import patch

import numpy as np

import bundle.report.page
import bundle.report.report
from bundle.labels import CLASSES, LABELS
from bundle.predictions import Predictions, read_predictions, write_predictions
from bundle.report import write_report
from bundle.report.evaluation import Evaluation
from bundle.report.sections import SECTIONS
from tests.report.test_report_page import Page
from tests.report.test_report_schema import SCHEMA, Draft202012Validator


def write_split(path, seed, task="subtype", patients=24, slices=4, distances=True, equal=False, bleeding=0.5):
    """Write slices of patients, half of which bleed in half of their slices; the scores are right but for noise."""
    generator = np.random.default_rng(seed)
    rows, scores = [], []
    for patient in range(patients):
        bleeds = patient < bleeding * patients
        for index in range(slices):
            kinds = np.zeros(5)
            if bleeds and index < slices / 2:
                kinds[generator.integers(0, 5)] = 1
            truth = np.append(1 - kinds.max(), kinds)
            strength = np.zeros(6) if equal else 3 * truth + generator.normal(0, 1, 6)
            softmax = np.exp(strength) / np.exp(strength).sum()
            rows.append(
                {
                    "image": f"secret-{patient}-{index}.dcm", "patient": f"ID_{seed}_{patient}",
                    "study": f"1.2.{seed}.{patient}", "label": [*kinds.astype(int).tolist(), int(kinds.max())],
                }
            )  # fmt: skip
            binary = [softmax[0], 1 - softmax[0]]
            scores.append({"subtype": softmax, "binary": binary, "multilabel": [*softmax[1:], 1 - softmax[0]]}[task])
    assert len(scores[0]) == len(CLASSES[task])
    far = generator.gamma(9, 1, len(rows)) if distances else None
    write_predictions(path, Predictions.of_rows(rows, np.array(scores), task, far))
    return rows, np.array(scores)


def write_evaluation(folder, task="subtype", **kind):
    """Write predictions.csv and validation.csv, and return the folder."""
    write_split(folder / "predictions.csv", 1, task, **kind)
    write_split(folder / "validation.csv", 2, task, **kind)
    return folder


def read_evaluation(folder):
    """Return the folder as the sections of the report are given it."""
    validation = folder / "validation.csv"
    return Evaluation(
        folder,
        read_predictions(folder / "predictions.csv"),
        read_predictions(validation) if validation.is_file() else None,
    )


UNKNOWN_LABEL = [None] * len(LABELS)


def section_page(name, folder):
    """Write a report of one section, and return the page and the section's content, which is as the schema says."""
    one = tuple(section for section in SECTIONS if section.name == name)
    with patch.object(bundle.report.report, "SECTIONS", one), patch.object(bundle.report.page, "SECTIONS", one):
        page = Page(write_report(folder).read_text())
    content = json.loads((folder / "report.json").read_text())[name]
    Draft202012Validator({"$defs": SCHEMA["$defs"], **SCHEMA["properties"][name]}).validate(content)
    return page, content
