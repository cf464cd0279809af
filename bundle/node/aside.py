"""The folder of what was set aside: for each such job a reason.json, for people; the journal decides."""

import json
import logging
from pathlib import Path

from bundle.files import written_whole
from bundle.node.background import reason
from bundle.node.journal import Journal
from bundle.node.spool import Spool, removed
from bundle.node.states import JobState

logger = logging.getLogger(__name__)


def show_set_aside(spool: Spool, journal: Journal) -> None:
    """Make the folder ``aside`` of the spool say what the journal says.

    A ``reason.json`` holds why, and where the study's files are; nothing that names a person. Where the folder cannot
    be written, that is logged: nothing but people needs it.
    """
    try:
        _show(spool, journal)
    except OSError as error:
        logger.warning("the folder aside of the spool cannot be written (%s)", reason(error))


def _show(spool: Spool, journal: Journal) -> None:
    folder = spool.folder / "aside"
    folder.mkdir(mode=0o700, exist_ok=True)
    jobs = {str(row["id"]): row for row in journal.read("SELECT * FROM job WHERE state = ?", JobState.ASIDE)}
    for path in folder.iterdir():
        if path.name not in jobs:
            removed(path)
    for name, row in jobs.items():
        file = folder / name / "reason.json"
        if not file.exists():
            file.parent.mkdir(mode=0o700, exist_ok=True)
            content = {"job": row["id"], "reason": row["aside"], "files": _files(spool, journal, row["study"])}
            with written_whole(file) as part:
                part.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _files(spool: Spool, journal: Journal, study: int) -> list[str]:
    query = "SELECT key, name FROM instance JOIN study ON study.id = instance.study WHERE study = ? AND kept"
    paths = [spool.instance(row["key"], row["name"]) for row in journal.read(query, study)]
    return [str(path.relative_to(spool.folder)) for path in map(Path, paths)]
