"""The list of what to read first: urgent before routine, what has waited longest first. It names studies."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from bundle.heads import Action
from bundle.node.journal import Journal
from bundle.node.states import JobState

NOT_SCORED = "not scored"
"""In place of the verdict on a study that was set aside without one."""
_COLUMNS = ("priority", "p_any", "verdict", "reason", "arrived", "accession", "study")


def priority_list(journal: Journal) -> list[dict[str, Any]]:
    """Return the last answer about each study whose files are here, and why others were set aside without one.

    Nothing ever moves down or is hidden: a study that an answer has suspected stays urgent, one whose later objects
    were set aside keeps its answer, and one that still waits for its first answer is not in the list, and stays where
    it was.
    """
    rows = journal.read(
        "SELECT study, uid, accession, action, p_any, reason, aside, arrived FROM job "
        "JOIN study ON study.id = job.study WHERE uid != '' AND (action != '' OR state = ?) ORDER BY study, job.id",
        JobState.ASIDE,
    )
    entries = [_entry(list(group)) for _, group in groupby(rows, itemgetter("study"))]
    return sorted(entries, key=lambda each: (each["priority"] != "urgent", each["arrived"]))


def _entry(rows: Sequence[Any]) -> dict[str, Any]:
    """Return what the list has of a study, of its jobs in their order."""
    answers, last = [row for row in rows if row["action"]], rows[-1]
    reasons = [answers[-1]["reason"]] if answers else []
    if not last["action"]:
        reasons.append(f"what came later was not scored: {last['aside']}" if answers else last["aside"])
    arrived = datetime.fromtimestamp(min(row["arrived"] for row in rows), UTC).isoformat(timespec="seconds")
    values = (
        "urgent" if any(row["action"] == Action.READ_FIRST for row in answers) else "routine",
        *((answers[-1]["p_any"], answers[-1]["action"]) if answers else (None, NOT_SCORED)),
        *("; ".join(filter(None, reasons)), arrived, last["accession"], last["uid"]),
    )
    return dict(zip(_COLUMNS, values, strict=True))
