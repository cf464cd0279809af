"""What a reader should know before the first figure."""

import numpy as np

from bundle.labels import SUBTYPES
from bundle.predictions import Predictions
from bundle.report.evaluation import Evaluation


def cautions(evaluation: Evaluation) -> list[str]:
    """Return in plain sentences what limits the figures of this evaluation; empty when nothing does."""
    predictions = evaluation.predictions
    return [*_of_labels(predictions), *_of_patients(predictions), *_of_rows(evaluation), *_of_validation(evaluation)]


def _of_labels(predictions: Predictions) -> list[str]:
    known = predictions.truth[predictions.known]
    found = []
    if not len(known):
        found.append("No slice of this split has a known label, so nothing can be scored.")
    elif np.all(known == 1) or np.all(known == 0):
        shown = "Every slice of this split is positive" if known[0] == 1 else "No slice of this split is positive"
        found.append(f"{shown}: the discrimination of positive and normal slices cannot be computed.")
    if len(predictions) == 1:
        found.append("There is only one slice: the metrics say nothing about other slices.")
    elif np.ptp(predictions.probabilities, axis=0).max() == 0:
        found.append(
            "The network gives the same probabilities for every slice: it does not discriminate, and its AUC of 0.5 is "
            "chance, whatever the other metrics are."
        )
    elif np.ptp(predictions.p_any) == 0:
        found.append("The network gives the same P(any) for every slice: it does not detect hemorrhages.")
    if predictions.task != "binary" and np.any(known == 1):
        columns = range(len(SUBTYPES))
        unseen = [SUBTYPES[each] for each in columns if not np.any(predictions.labels[:, each] == 1)]
        if unseen:
            found.append(f"No slice of this split shows {_and(unseen)}: its detection cannot be assessed.")
    return found


def _of_patients(predictions: Predictions) -> list[str]:
    unnamed = sum(not patient for patient in predictions.patients)
    if unnamed:
        return [
            f"{unnamed} of {len(predictions.patients)} slices have no patient; each counts as a patient of its own, "
            "so the intervals are too narrow."
        ]
    if len(set(predictions.patients)) == 1:
        return ["All slices are of one patient: no interval can be given, and other patients may differ."]
    return []


def _of_rows(evaluation: Evaluation) -> list[str]:
    found = []
    if evaluation.predictions.unscored:
        found.append(
            f"Lines of predictions.csv without probabilities: {len(evaluation.predictions.unscored)}, the first is "
            f"line {evaluation.predictions.unscored[0]}. These slices are left out of all metrics."
        )
    if evaluation.missing:
        found.append(
            f"Slices of the split without a line in predictions.csv: {evaluation.missing}. The metrics are those of "
            "the others, and are too high if the difficult slices are missing."
        )
    if evaluation.elsewhere:
        found.append(
            f"Lines of predictions.csv with a slice of another section of the datalist: {evaluation.elsewhere}. They "
            "count here; of slices of the training the metrics are too good."
        )
    if evaluation.unlisted:
        found.append(
            f"Lines of predictions.csv with a slice that is not in the datalist: {evaluation.unlisted}. They count "
            "here."
        )
    if evaluation.relabelled:
        found.append(
            f"Lines of predictions.csv with a label that contradicts that of the datalist: {evaluation.relabelled}. "
            "The metrics are by the labels of predictions.csv."
        )
    if evaluation.trained:
        found.append(
            f"Slices of this split with which the checkpoint was trained, or of patients of its training: "
            f"{evaluation.trained}. The metrics are too good; evaluate with the datalist of the training, or with "
            "other patients."
        )
    if evaluation.seen:
        found.append(
            f"Slices of this split that the included weights were trained on: {evaluation.seen}. For these weights, "
            "and for what was trained on from them, the metrics are too good; the test and validation sections of "
            "scripts.prepare --seen training have none of them."
        )
    return found


def _of_validation(evaluation: Evaluation) -> list[str]:
    validation = evaluation.validation
    if validation is None:
        return [
            "There are no predictions of a validation split (validation.csv), so no temperature and no threshold was "
            "chosen."
        ]
    if evaluation.cross_fitted:
        return [
            "The validation split itself is evaluated. Thresholds, limits and the calibration of heads are "
            "cross-fitted (each fifth of the patients is told by what the other four give); the temperature is not, "
            "and looks better here than it is."
        ]
    if evaluation.of_validation:
        return [
            "The validation split itself is evaluated, and has too few patients to cross-fit: temperature, thresholds "
            "and the limits of sets and distances, which were chosen on these slices, look better here than they are."
        ]
    ours, theirs = set(evaluation.predictions.patients) - {""}, set(validation.patients) - {""}
    if ours & theirs:
        return [
            f"Patients of this split that are also in the validation split: {len(ours & theirs)}. What was chosen "
            "there (temperature, thresholds, calibration of heads, limits of sets and distances) looks better here "
            "than it is."
        ]
    return []


def _and(names: list[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
