"""A node whose worker invents its answers: ``python -m tests.node.stand_in CONFIG [plain]``."""

import sys

from bundle.node import read_config, serve
from bundle.node.worker import die_with_parent

PLAIN = "plain"
"""Answers that are made at once, without highdicom."""


def command(*arguments: str) -> list[str]:
    """Return the command of the worker."""
    return [sys.executable, "-m", "tests.node.stand_in_worker", *arguments]


if __name__ == "__main__":
    die_with_parent()
    serve(read_config(sys.argv[1]), command(*sys.argv[2:]))
