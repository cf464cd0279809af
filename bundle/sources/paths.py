"""Paths that people write, as the paths of a datalist."""

import os
import re
from pathlib import Path, PurePath

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


def image_stem(file: PurePath) -> str:
    """Return the name of an image without its suffix, of a compressed NIfTI without both.

    Example:
        >>> [image_stem(PurePath(name)) for name in ("a/001.nii.gz", "a/1.png")]
        ['001', '1']
    """
    name = re.sub(r"\.nii(\.gz)?$", "", file.name, flags=re.IGNORECASE)
    return file.stem if name == file.name else name
