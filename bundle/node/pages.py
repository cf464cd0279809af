"""What a node shows over HTTP."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

import jinja2

from bundle.node import figures
from bundle.node.http_server import Reply, Route, json_reply
from bundle.node.journal import Journal
from bundle.node.priority import priority_list
from bundle.node.spool import Spool
from bundle.node.tally import Tally

_PROMETHEUS = "text/plain; version=0.0.4"


class Shown(Protocol):
    """A node, as far as it is shown."""

    journal: Journal
    spool: Spool
    tally: Tally

    def about_worker(self) -> Mapping[str, Any] | None:
        """Return what the worker scores with, None where there is none."""

    def problems(self) -> Sequence[str]:
        """Return why it is not ready, a clause each."""


def pages(node: Shown) -> dict[str, Route]:
    """Return the pages of a node by their paths."""
    return {
        "/healthz": Route(lambda accept: json_reply({"status": "alive"})),
        "/readyz": Route(lambda accept: _ready(node), failed=HTTPStatus.SERVICE_UNAVAILABLE),
        "/metrics": Route(lambda accept: Reply(HTTPStatus.OK, _PROMETHEUS, _metrics(node))),
        "/priority": Route(lambda accept: _priority(node, accept), secret=True),
    }


def _ready(node: Shown) -> Reply:
    problems, about = list(node.problems()), node.about_worker() or {}
    content = {
        "ready": not problems,
        "problems": problems,
        "runtime": about.get("runtime"),
        "model": about.get("model"),
        "jobs": figures.jobs_by_state(node.journal),
        "set_aside": figures.set_aside(node.journal),
        "outbox": {name: count for name, (count, _) in figures.outbox(node.journal).items()},
        "oldest_job_seconds": round(figures.oldest_job(node.journal), 1),
    }
    return json_reply(content, HTTPStatus.SERVICE_UNAVAILABLE if problems else HTTPStatus.OK)


def _metrics(node: Shown) -> str:
    gauges = figures.gauges(node.journal, node.about_worker() is not None, node.spool.has_room())
    return figures.exposition(node.tally, gauges)


def _priority(node: Shown, accept: str) -> Reply:
    answers = priority_list(node.journal)
    if "text/html" not in accept:
        return json_reply(answers)
    template = Path(__file__).with_name("priority.html.j2").read_text(encoding="utf-8")
    page = jinja2.Environment(autoescape=True).from_string(template)
    return Reply(HTTPStatus.OK, "text/html", page.render(answers=answers))
