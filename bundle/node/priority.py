"""The list of what to read first: urgent before routine, what has waited longest first. It names studies."""

from datetime import UTC, datetime
from typing import Any

from bundle.heads import Action
from bundle.node.journal import Journal

_COLUMNS = ("priority", "p_any", "verdict", "reason", "arrived", "accession", "study")


def priority_list(journal: Journal) -> list[dict[str, Any]]:
    """Return the last answer about each study whose files are here.

    Nothing ever moves down or is hidden: a study that an answer has suspected stays urgent, and one without an answer
    is not in the list, and stays where it was.
    """
    rows = journal.read(
        "SELECT uid, accession, action, p_any, reason, min(job.arrived) OVER (PARTITION BY study) AS arrived, "
        "max(job.id) OVER (PARTITION BY study) = job.id AS last, "
        "max(action = ?) OVER (PARTITION BY study) AS suspected FROM job JOIN study ON study.id = job.study "
        "WHERE action != '' AND uid != ''",
        Action.READ_FIRST,
    )
    answers = [_answer(row) for row in rows if row["last"]]
    return sorted(answers, key=lambda each: (each["priority"] != "urgent", each["arrived"]))


def _answer(row: Any) -> dict[str, Any]:
    arrived = datetime.fromtimestamp(row["arrived"], UTC).isoformat(timespec="seconds")
    values = (
        *("urgent" if row["suspected"] else "routine", row["p_any"], row["action"], row["reason"], arrived),
        *(row["accession"], row["uid"]),
    )
    return dict(zip(_COLUMNS, values, strict=True))
