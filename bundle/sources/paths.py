"""Paths that people write, as the paths of a datalist."""

import os
import re
from pathlib import Path

from bundle.errors import InputError


def relative_path(text: str, root: Path) -> str:
    """Return a path, relative to `root` or absolute, as relative to it, with ``/`` between folders; links stay links.

    Raises:
        InputError: when it is not inside `root`.
    """
    path = text.strip().replace("\\", "/")
    inside = Path(os.path.relpath(root.absolute() / path, root.absolute()))
    if inside.parts[:1] == ("..",) or re.match("[A-Za-z]:", path):
        raise InputError(f"{text!r}, which is not inside {root}", "move it there, or give another folder")
    return inside.as_posix()
