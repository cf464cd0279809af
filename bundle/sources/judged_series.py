"""Slices of any files → series, each with what the gate says of it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from bundle.gate import (
    Candidate,
    Finding,
    HeaderFacts,
    Outcome,
    SeriesJudgement,
    choose_series,
    judge_series,
    split_series,
)

Row = dict[str, Any]


class Slice(NamedTuple):
    """A slice or another image, as it was found."""

    row: Row
    judged: tuple[HeaderFacts, Finding] | SeriesJudgement
    """Of DICOM what its header says, which is judged with its series; of other files the judgement."""


@dataclass(frozen=True)
class Series:
    """Rows that belong together, sorted by position."""

    rows: Sequence[Row]
    part: str
    """What sets it apart from others of the same SeriesInstanceUID or folder, "" where there is no other."""
    judgement: SeriesJudgement
    facts: HeaderFacts | None = None
    """Of its first slice, where it is DICOM."""
    again: bool = False
    """Whether it shows the head at another time than another part of the same SeriesInstanceUID, or another head."""

    def scored_rows(self) -> list[Row]:
        """Return its rows with what is known of their series."""
        return [{**row, "part": self.part, **self.judgement.columns()} for row in self.rows]

    def left_out(self) -> Row:
        """Return the line of the list of what was left out."""
        first = self.rows[0]
        identity = {name: first[name] for name in ("image", "study", "series")}
        return {**identity, "slices": len(self.rows), "part": self.part, **self.judgement.columns()}


def judged_series(slices: Iterable[Slice]) -> list[Series]:
    """Return the series, in the order in which they first appear, each split into what belongs together."""
    groups: dict[tuple[str, str], list[Slice]] = {}
    for each in slices:
        groups.setdefault((each.row["study"], each.row["series"]), []).append(each)
    return [series for group in groups.values() for series in (*_of_headers(group), *_of_files(group))]


def with_choice(series: Sequence[Series]) -> list[Series]:
    """Return the series with those of CT left out that show what a better one of their study shows."""
    studies: dict[tuple[str, ...], list[int]] = {}
    for index, each in enumerate(series):
        if each.facts is None or each.judgement.modality != "CT" or each.judgement.outcome is Outcome.LEFT_OUT:
            continue
        if study := each.rows[0]["study"]:
            apart = (each.rows[0]["series"], each.part) if each.again else ()
            studies.setdefault((study, each.facts.patient, *apart), []).append(index)
    result = list(series)
    for members in studies.values():
        for place, reason in choose_series([_candidate(series[index]) for index in members]).items():
            each = series[members[place]]
            why = ", and ".join(filter(None, (each.judgement.reason, reason)))
            result[members[place]] = replace(each, judgement=each.judgement.left_out(why))
    return result


def _of_headers(group: Sequence[Slice]) -> list[Series]:
    rows, judged = [], []
    for row, each in group:
        if not isinstance(each, SeriesJudgement):
            rows.append(row)
            judged.append(each)
    facts = [each for each, _ in judged]
    found = []
    for part in split_series(facts, [finding.kind for _, finding in judged]):
        members = sorted(part.members, key=lambda index: _position(rows[index]))
        judgement = judge_series([facts[index] for index in members], judged[members[0]][1])
        found.append(Series([rows[index] for index in members], part.name, judgement, facts[members[0]], part.again))
    return found


def _of_files(group: Sequence[Slice]) -> list[Series]:
    """Return files without a header by what they are; each of those left out by itself, so that each is named."""
    kinds: dict[Any, list[Slice]] = {}
    for each in group:
        if isinstance(each.judged, SeriesJudgement):
            alone = each.row["image"] if each.judged.outcome is Outcome.LEFT_OUT else ""
            kinds.setdefault((each.judged, alone), []).append(each)
    mixed = len({judgement.kind for judgement, _ in kinds if judgement.outcome is not Outcome.LEFT_OUT}) > 1
    return [
        Series(sorted((each.row for each in members), key=_position), str(judgement.kind) if mixed else "", judgement)
        for (judgement, _), members in kinds.items()
    ]


def _position(row: Row) -> tuple[bool, float]:
    position = row["position"]
    return position is None, position or 0.0


def _candidate(series: Series) -> Candidate:
    judgement = series.judgement
    positions = [row["position"] for row in series.rows if row["position"] is not None]
    return Candidate(
        name=" ".join(filter(None, (judgement.description or series.rows[0]["series"], series.part))),
        slices=len(series.rows),
        thickness=judgement.thickness or math.inf,
        caution=judgement.outcome is Outcome.CAUTION,
        extent=(min(positions), max(positions)) if positions else None,
    )
