"""Probabilities and labels of N slices as one object, which is checked once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bundle.labels import ANY_INDEX, LABELS, UNKNOWN, check_label
from bundle.predictions.probabilities import THRESHOLD, check_scores, decide, of_labels
from bundle.predictions.studies import STUDY_RULE, StudyName, first_members, study_labels, study_names, study_scores

ROW_COLUMNS = ("image", "slice", "patient", "study", "series", "position", "age", "sex", "site", "manufacturer")
"""Keys of a datalist's row that stay with its prediction."""

FIRST_LINE = 2
"""Line of the first slice in a predictions.csv, whose header is line 1."""


@dataclass(frozen=True)
class Predictions:
    """Probabilities of N slices for a task, their labels, and what their rows say of them.

    The arrays are checked when the object is made, and cannot be written to.

    Raises:
        TypeError, ValueError: see `bundle.predictions.check_scores`; or when a part has not N entries.

    Example:
        >>> p = Predictions("binary", [[0.9, 0.1], [0.2, 0.8]], [[0] * 6, [-1] * 5 + [1]])
        >>> p.p_any, p.truth, p.decided()
        (array([0.1, 0.8]), array([0., 1.]), array([False,  True]))
        >>> p.restricted(p.truth == 1).lines
        (3,)
    """

    task: str
    """A key of `bundle.labels.CLASSES`."""
    probabilities: np.ndarray
    """[N, C] float64 in the order of ``CLASSES[task]``."""
    labels: np.ndarray
    """[N, 6] float64 in the order of `LABELS`, each 1, 0 or `UNKNOWN`."""
    patients: tuple[str, ...] = ()
    """Pseudonym of each slice's patient, "" where unknown; none given, all are unknown."""
    lines: tuple[int, ...] = ()
    """Line of each slice in its predictions.csv; none given, those of N slices from the first on."""
    details: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the rows say: a key of `ROW_COLUMNS` → N texts, "" where unknown."""
    unscored: tuple[int, ...] = ()
    """Lines of the file without a single probability, which are left out of all else."""
    study_labels: np.ndarray | None = None
    """[N, 6], on each slice what was read of its study as a whole; None where nothing was."""
    distances: np.ndarray | None = None
    """[N] float64, how far the features of each slice lie from those of validation; None where not measured."""

    def __post_init__(self) -> None:
        """Check the parts and make the arrays read-only."""
        scores, labels = check_scores(self.probabilities, self.labels, self.task)
        count = len(scores)
        self._set("probabilities", scores)
        self._set("labels", labels)
        self._set("patients", tuple(self.patients) or ("",) * count)
        self._set("lines", tuple(self.lines) or tuple(range(FIRST_LINE, FIRST_LINE + count)))
        for name in ("study_labels", "distances"):
            if (value := getattr(self, name)) is not None:
                self._set(name, np.array(value, dtype=np.float64))
        for name, part in self._parts():
            if len(part) != count:
                raise ValueError(f"{name} must be of {count} slices, as the probabilities are, got {len(part)}")

    @classmethod
    def of_rows(
        cls, rows: Sequence[Mapping[str, Any]], probabilities: ArrayLike, task: str, distances: ArrayLike | None = None
    ) -> "Predictions":
        """Return the predictions of a datalist's rows.

        Args:
            rows: N rows, where known with "label" and "study_label", six values each, 1, 0, and None or `UNKNOWN` for
                unknown; and with what of `ROW_COLUMNS` is known.
            probabilities: [N, C] in the order of ``CLASSES[task]``.
            task: a key of `bundle.labels.CLASSES`.
            distances: [N], see `distances`.

        Raises:
            TypeError, ValueError: as the class; or when a label contradicts itself.

        Example:
            >>> rows = [{"image": "a.dcm", "label": [0] * 6, "patient": "p1", "position": 12.5}]
            >>> p = Predictions.of_rows(rows, [[0.9, 0.1]], "binary")
            >>> p.patients, p.positions, p.truth
            (('p1',), array([12.5]), array([0.]))
        """
        if len(rows) != len(np.asarray(probabilities)):
            raise ValueError(
                f"there must be as many rows as probabilities, got {len(rows)} and {np.shape(probabilities)}"
            )
        of_studies = np.array([_label(row.get("study_label")) for row in rows]).reshape(-1, len(LABELS))
        return cls(
            task,
            np.asarray(probabilities),
            np.array([_label(row.get("label")) for row in rows]).reshape(-1, len(LABELS)),
            tuple(_text(row.get("patient")) for row in rows),
            details={name: tuple(_text(row.get(name)) for row in rows) for name in ROW_COLUMNS},
            study_labels=of_studies if np.any(of_studies != UNKNOWN) else None,
            distances=None if distances is None else np.asarray(distances),
        )

    @classmethod
    def pooled(cls, parts: Sequence["Predictions"]) -> "Predictions":
        """Return the predictions of several networks, each of slices of its own, as those of one.

        Distances are left out, for those in the features of another network are others.

        Args:
            parts: of one task, at least one.

        Example:
            >>> p = Predictions("binary", [[0.9, 0.1]], [[0] * 6], ("p1",))
            >>> q = Predictions("binary", [[0.2, 0.8]], [[-1] * 5 + [1]], ("p2",))
            >>> Predictions.pooled([p, q]).p_any, Predictions.pooled([p, q]).patients
            (array([0.1, 0.8]), ('p1', 'p2'))
        """
        unread = [np.full((len(each), len(LABELS)), float(UNKNOWN)) for each in parts]
        of_studies = [
            own if each.study_labels is None else each.study_labels for each, own in zip(parts, unread, strict=True)
        ]
        return cls(
            parts[0].task,
            np.concatenate([each.probabilities for each in parts]),
            np.concatenate([each.labels for each in parts]),
            tuple(patient for each in parts for patient in each.patients),
            details={name: tuple(text for each in parts for text in each.details[name]) for name in parts[0].details},
            study_labels=None if all(each.study_labels is None for each in parts) else np.concatenate(of_studies),
        )

    def __len__(self) -> int:
        """Return N."""
        return len(self.probabilities)

    def same_slices(self, other: "Predictions") -> bool:
        """Return whether another network's predictions are for the same task and slices, in the same order."""
        return self.task == other.task and np.array_equal(self.labels, other.labels) and self.details == other.details

    @cached_property
    def label_probabilities(self) -> np.ndarray:
        """Probability of each label, [N, 6], see `bundle.predictions.label_probabilities`."""
        return of_labels(self.probabilities, self.task)

    @property
    def p_any(self) -> np.ndarray:
        """Probability of any hemorrhage, [N]."""
        return self.label_probabilities[:, ANY_INDEX]

    @property
    def truth(self) -> np.ndarray:
        """Label *any* of each slice, [N]: 1, 0 or `UNKNOWN`."""
        return self.labels[:, ANY_INDEX]

    @property
    def known(self) -> np.ndarray:
        """Of which slices *any* is known, bool [N]."""
        return self.truth != UNKNOWN

    def decided(self, threshold: float = THRESHOLD) -> np.ndarray:
        """Return which slices are called a hemorrhage, P(any) ≥ `threshold`, bool [N]."""
        return self.p_any >= threshold

    def decisions(self, threshold: float = THRESHOLD) -> np.ndarray:
        """Return what is said of each label, [N, 6], see `bundle.predictions.decisions`."""
        return decide(self.probabilities, self.task, threshold)

    @property
    def positions(self) -> np.ndarray:
        """Position of each slice along its normal in mm, float64 [N]; NaN where unknown."""
        return np.array([float(text or "nan") for text in self.details.get("position", ("",) * len(self))])

    @cached_property
    def studies(self) -> list[StudyName]:
        """Name of what is taken as the study of each slice, see `bundle.predictions.study_names`."""
        studies, sites = (self.details.get(name, ("",) * len(self)) for name in ("study", "site"))
        return study_names(studies, self.patients, sites)

    @cached_property
    def clusters(self) -> np.ndarray:
        """Name of each slice's patient, [N]; a slice that names none is taken for a patient of its own."""
        own = (f"\0{line}" for line in self.lines)
        return np.array([patient or alone for patient, alone in zip(self.patients, own, strict=True)])

    def restricted(self, chosen: ArrayLike) -> "Predictions":
        """Return the predictions of some of the slices.

        Args:
            chosen: bool [N], or indices.
        """
        indices = np.arange(len(self))[np.asarray(chosen)]
        parts = {
            name: part[indices] if isinstance(part, np.ndarray) else tuple(part[index] for index in indices)
            for name, part in self._parts()
        }
        details = {name: parts.pop(f"details {name}") for name in self.details}
        return replace(self, **parts, details=details)  # type: ignore[arg-type]

    def by_study(self, rule: str = STUDY_RULE) -> "Predictions":
        """Return the predictions of the studies, in the order in which they first appear.

        A study's patient is that of its first slice. The task is ``multilabel``, or ``binary`` where it is so here.

        Args:
            rule: how the slices' probabilities become those of their study, a key of `STUDY_RULES`.

        Example:
            >>> p = Predictions("binary", [[0.9, 0.1], [0.2, 0.8]], [[0] * 6, [-1] * 5 + [1]], ("p1", "p1"))
            >>> p.by_study().p_any, p.by_study().truth
            (array([0.8]), array([1.]))
        """
        scores = np.clip(study_scores(self.label_probabilities, self.studies, rule), 0, 1)
        if self.task == "binary":
            p_any = scores[:, ANY_INDEX]
            scores = np.column_stack([1 - p_any, p_any])
        return Predictions(
            "binary" if self.task == "binary" else "multilabel",
            scores,
            study_labels(self.labels, self.studies, self.study_labels),
            tuple(self.clusters[first_members(self.studies)].tolist()),
        )

    def _parts(self) -> list[tuple[str, Any]]:
        """Return name and content of what has an entry a slice."""
        parts = [(name, getattr(self, name)) for name in ("probabilities", "labels", "patients", "lines")]
        parts += [(f"details {name}", texts) for name, texts in self.details.items()]
        optional = [(name, getattr(self, name)) for name in ("study_labels", "distances")]
        return parts + [(name, value) for name, value in optional if value is not None]

    def _set(self, name: str, value: Any) -> None:
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
        object.__setattr__(self, name, value)


def _label(label: Sequence[Any] | None) -> list[float]:
    if label is None:
        return [UNKNOWN] * len(LABELS)
    known = check_label([None if value is None or value == UNKNOWN else value for value in label])
    return [UNKNOWN if value is None else value for value in known]


def _text(value: object) -> str:
    return "" if value is None or (isinstance(value, float) and np.isnan(value)) else str(value)
