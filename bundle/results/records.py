"""From what the network gives of slices to what is reported: a record a slice, a series, and a file that failed.

A record is a dict of columns, and each group of columns has a function of its own. The figures of a series are
computed from those of its slices as they are written, so that a reader can compute them again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bundle.gate import COLUMNS, Kind, Outcome
from bundle.heads import Action, Heads
from bundle.labels import ANY
from bundle.predictions import Predictions, group_members, score_names, slice_scores
from bundle.results.caution import with_caution
from bundle.results.collected import Collected
from bundle.results.uncertainty import slice_uncertainty
from bundle.results.verdicts import failed_verdict, head_verdict
from bundle.uncertainty import Uncertainty

Record = dict[str, Any]

IDENTITY = ("image", "slice", "study", "series", "part", "sop", "position")
"""Columns by which a slice is found again; nothing in them identifies a person but names of files and folders."""
P_ANY = f"p_{ANY}"
_SERIES = ("study", "series", "part")
_PADDING, _PADDING_SLICES = 10.0, 2
"""mm, and slices, up to which empty ones beyond an end of a head are padding."""


@dataclass(frozen=True, eq=False)
class Records:
    """All that inference reports."""

    slices: Sequence[Record]
    """One a slice that was scored, in the order of the rows."""
    series: Sequence[Record]
    """One a series with such a slice."""
    failed: Sequence[Record]
    """``{"image", "reason"}`` of each file or slice that could not be scored."""
    left_out: Sequence[Record] = ()
    """``{"image", "slices", "study", "series", "part", …}`` of each series, or slices of one, that is no head CT."""


def slice_records(
    rows: Sequence[Mapping[str, Any]], predictions: Predictions, uncertainty: Uncertainty | None = None
) -> list[Record]:
    """Return the record of each of N slices.

    Args:
        rows: with what of `IDENTITY` is known.
        predictions: of these rows; with distances where there is an uncertainty.
        uncertainty: of the checkpoint; None leaves its columns empty.
    """
    doubt = slice_uncertainty(predictions, uncertainty)
    scores = slice_scores(predictions.probabilities, predictions.task)
    return [
        {**_identity(row), **_scores(values, predictions.task), **with_caution(fields, row)}
        for row, values, fields in zip(rows, scores.tolist(), doubt, strict=True)
    ]


def series_records(
    slices: Sequence[Record],
    rows: Sequence[Mapping[str, Any]],
    task: str,
    threshold: float,
    head_threshold: float | None = None,
    heads: Heads | None = None,
    uncertainty: Uncertainty | None = None,
    failed: Sequence[Mapping[str, Any]] = (),
    doubts: Mapping[tuple[str, str, str], str] | None = None,
) -> list[Record]:
    """Return the record of each series as a worklist: what is to be read first, and the likeliest bleed, comes first.

    Args:
        slices: see `slice_records`.
        rows: theirs, with what the gate says of the series, see `bundle.gate.SeriesJudgement`.
        task: a key of `bundle.labels.CLASSES`.
        threshold: see `bundle.results.verdicts.head_verdict`, as the next.
        head_threshold: the same.
        heads: calibrations of heads of the checkpoint, if there are any.
        uncertainty: of the checkpoint, if there is one.
        failed: rows of slices that could not be scored, see `lost_slices`.
        doubts: name of a series, see `series_of` → a clause, why it cannot be routine.
    """
    lost = Counter(map(series_of, failed))
    records = []
    for members in members_of_series(slices):
        of_series, row = [slices[index] for index in members], rows[members[0]]
        name = series_of(of_series[0])
        doubt = (doubts or {}).get(name, "")
        verdict = head_verdict(
            of_series, row, score_names(task), threshold, head_threshold, heads, uncertainty, lost.pop(name, 0), doubt
        )
        records.append({**_series(row, len(of_series)), **verdict, **_most_suspicious(of_series), **_judgement(row)})
    first = {series_of(row): row for row in reversed(failed)}
    for name, count in lost.items():
        records.append({**_series(first[name], 0), **failed_verdict(count), **_judgement(first[name])})
    order = list(Action)
    return sorted(records, key=lambda each: (order.index(each["action"]), -each.get(P_ANY, 1)))


def failed_records(rows: Sequence[Mapping[str, Any]], collected: Collected) -> list[Record]:
    """Return the record of each of the rows that could not be scored, but of those left out."""
    return [{"image": row["image"], "reason": reason} for row, reason, kind in _not_scored(rows, collected) if not kind]


def lost_slices(
    rows: Sequence[Mapping[str, Any]], collected: Collected, rejected: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return what is missing of heads: a row, with what `series_of` needs, for each slice that could not be scored.

    One that was left out is missing where it lies between slices that were scored. Beyond them a few empty ones are
    padding; more of them may be what an interrupted copy has left of the head. Of a series of which nothing could be
    scored all are missing: it was chosen, or may be the vertex of a head whose base is another.

    Args:
        rows: of the slices, those of a series in the order of their positions.
        collected: what is known of them.
        rejected: files that were no usable image, see `bundle.sources.unlabelled.find_images`.
    """
    kinds, missing = collected.kinds or [""] * len(rows), []
    for members in group_members(list(map(series_of, rows))):
        scored = members[collected.scored[members]]
        padding: set[int] = set()
        if len(scored):
            ends = (members[members < scored[0]], scored[0]), (members[members > scored[-1]], scored[-1])
            padding = {index for beyond, end in ends for index in _padding(rows, kinds, beyond.tolist(), end)}
        missing += [rows[index] for index in members.tolist() if collected.reasons[index] and index not in padding]
    return [*missing, *(dict(zip(_SERIES, name, strict=True)) for each in rejected for name in each.get("lost_by", ()))]


def _padding(rows: Sequence[Mapping[str, Any]], kinds: Sequence[str], beyond: Sequence[int], end: int) -> Sequence[int]:
    """Return the empty slices among those beyond an end of a head, where they are so few that it lacks none."""
    empty = [index for index in beyond if kinds[index] == Kind.EMPTY]
    places = [rows[index]["position"] for index in (*empty, end)]
    few = len(empty) <= _PADDING_SLICES or (None not in places and float(np.ptp(places)) <= _PADDING)
    return empty if few else []


def unread_beside(rejected: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str], str]:
    """Return the series, see `series_of`, that a file may belong to whose header is unreadable, and a clause about it.

    Args:
        rejected: see `lost_slices`.
    """
    counts = Counter(name for entry in rejected for name in entry.get("beside", ()))
    return {name: f"{count} file{'s' * (count > 1)} beside it could not be read" for name, count in counts.items()}


def left_out_records(rows: Sequence[Mapping[str, Any]], collected: Collected) -> list[Record]:
    """Return the record of each series' slices that were left out when their pixels were seen, by their reason."""
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row, reason, kind in _not_scored(rows, collected):
        if kind:
            key = (row["study"], row["series"], row.get("part", ""), kind, reason)
            groups.setdefault(key, []).append(row)
    return [
        {
            **{name: members[0].get(name, "") for name in ("image", "study", "series")},
            "slices": len(members),
            **{name: members[0].get(name, "") for name in ("part", *COLUMNS)},
            "kind": kind,
            "outcome": str(Outcome.LEFT_OUT),
            "reason": reason,
        }
        for (*_, kind, reason), members in groups.items()
    ]


def _not_scored(rows: Sequence[Mapping[str, Any]], collected: Collected) -> list[tuple[Mapping[str, Any], str, str]]:
    """Return each row that was not scored, why, and what it is where it was left out."""
    kinds = collected.kinds or [""] * len(rows)
    return [each for each in zip(rows, collected.reasons, kinds, strict=True) if each[1]]


def members_of_series(slices: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """Return the indices of each series' slices, the series in the order in which they first appear."""
    return [members.tolist() for members in group_members(list(map(series_of, slices)))]


def slices_by_series(slices: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str], list[int]]:
    """Return name of a series, see `series_of` → the indices of its slices."""
    return {series_of(slices[members[0]]): members for members in members_of_series(slices)}


def most_suspicious(slices: Sequence[Record], count: int) -> list[int]:
    """Return the indices of the `count` slices of each series with the highest P(any), the highest first."""
    return [
        index
        for members in members_of_series(slices)
        for index in sorted(members, key=lambda index: -slices[index][P_ANY])[:count]
    ]


def _identity(row: Mapping[str, Any]) -> Record:
    return {name: row.get(name, "") for name in IDENTITY}


def _scores(values: Sequence[float], task: str) -> Record:
    return {f"p_{name}": round(value, 6) for name, value in zip(score_names(task), values, strict=True)}


def series_of(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return what names the series of a row or record: study, series and part."""
    return row["study"], row["series"], row.get("part", "")


def _series(row: Mapping[str, Any], slices: int) -> Record:
    return {**dict(zip(_SERIES, series_of(row), strict=True)), "slices": slices}


def _judgement(row: Mapping[str, Any]) -> Record:
    return {name: row.get(name, "") for name in COLUMNS}


def _most_suspicious(slices: Sequence[Record]) -> Record:
    worst = max(slices, key=lambda record: record[P_ANY])
    return {f"most_suspicious_{name}": worst[name] for name in ("image", "slice", "sop")}
