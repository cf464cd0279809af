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
        shown = "Every slice of this split shows a bleed" if known[0] == 1 else "No slice of this split shows a bleed"
        found.append(f"{shown}: how well bleeds are told from normal slices cannot be computed.")
    if len(predictions) == 1:
        found.append("There is one slice alone: its figures say nothing of others.")
    elif np.ptp(predictions.probabilities, axis=0).max() == 0:
        found.append(
            "The network gives every slice the same probabilities: it tells nothing apart, and its AUC of 0.5 is "
            "chance, whatever the other figures are."
        )
    elif np.ptp(predictions.p_any) == 0:
        found.append("The network gives every slice the same P(any): it does not tell bleeds from normal slices.")
    if predictions.task != "binary" and np.any(known == 1):
        columns = range(len(SUBTYPES))
        unseen = [SUBTYPES[each] for each in columns if not np.any(predictions.labels[:, each] == 1)]
        if unseen:
            found.append(f"No slice of this split shows {_and(unseen)}: nothing is known of how well it is found.")
    return found


def _of_patients(predictions: Predictions) -> list[str]:
    unnamed = sum(not patient for patient in predictions.patients)
    if unnamed:
        return [
            f"{unnamed} of {len(predictions.patients)} slices do not say whose they are and are taken for a patient "
            "each, so the intervals are too narrow."
        ]
    if len(set(predictions.patients)) == 1:
        return ["All slices are of one patient: no interval can be given, and nothing is known of other patients."]
    return []


def _of_rows(evaluation: Evaluation) -> list[str]:
    found = []
    if evaluation.predictions.unscored:
        found.append(
            f"Lines of predictions.csv without probabilities: {len(evaluation.predictions.unscored)}, the first is "
            f"line {evaluation.predictions.unscored[0]}. These slices are left out of every figure."
        )
    if evaluation.missing:
        found.append(
            f"Slices of the split without a line in predictions.csv: {evaluation.missing}. The figures are of the "
            "others, and may flatter the network if the hard ones are missing."
        )
    return found


def _of_validation(evaluation: Evaluation) -> list[str]:
    validation = evaluation.validation
    if validation is None:
        return [
            "There are no predictions of a validation split (validation.csv), so no temperature and no threshold was "
            "chosen."
        ]
    ours, theirs = set(evaluation.predictions.patients) - {""}, set(validation.patients) - {""}
    if ours & theirs:
        return [
            f"Patients of this split that are in the validation, too: {len(ours & theirs)}. What was chosen there, as "
            "the temperature, looks better here than it is."
        ]
    return []


def _and(names: list[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
