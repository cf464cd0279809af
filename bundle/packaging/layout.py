"""What a bundle folder holds: files that are packed, and what is known to be none of the package.

The places are listed, not asked of git, so that an unzipped bundle can be packed again.
"""

import os
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from bundle.errors import InputError

PACKED = (
    "LICENSE",
    "requirements.txt",
    "requirements-deploy.txt",
    "requirements-federated.txt",
    "requirements-label.txt",
    "large_files.yml",
    "bundle/*.py",
    "bundle/*.css",
    "bundle/*.html.j2",
    "bundle/pictures/inferno.csv",
    "bundle/viewer/*.js",
    "bundle/report/*.schema.json",
    "bundle/node/*.schema.json",
    "bundle/node/*.sql",
    "bundle/node/*.md.j2",
    "configs/*.json",
    "configs/logging.conf",
    "docs/*.csv",
    "docs/*.md",
    "docs/*.png",
    "docs/*.svg",
    "docs/*.txt",
    "federated/*.py",
    "models/brain_mask.pt",
    "models/edge.pt",
    "models/edge.heads.json",
    "models/edge.uncertainty.npz",
    "models/model.onnx",
    "models/model.pt",
    "models/model.ts",
    "models/model.heads.json",
    "models/model.second.json",
    "models/model.uncertainty.npz",
    "models/training_slices.npz",
    "monai_label/*.py",
    "scripts/*.py",
)
"""Patterns of what is packed; ``*`` stands for folders, too."""

LEFT_OUT = (
    # of the repository, for those who develop the bundle
    ".*",
    "Makefile",
    "README.md",
    "benchmarks",
    "metadata.json",
    "pyproject.toml",
    "requirements-dev.txt",
    "tests",
    # made by runs of the bundle, or by the Zoo's checks
    "data",
    "eval",
    "models/last.pt",
    "models/*.plan",
    "compare",
    "monai_label/bin",
    "monai_label/logs",
    "monai_label/model",
    "output",
    "__pycache__",
    "*/__pycache__",
)
"""Patterns of files and folders that are not packed; a folder stands for all that is in it."""


def find_files(root: Path) -> list[str]:
    """Return the files of the package, sorted, relative to the bundle folder `root`, with ``/`` between folders.

    Raises:
        InputError: naming a file or link that neither `PACKED` nor `LEFT_OUT` knows.
    """
    files: list[str] = []
    unknown: list[str] = []
    for folder, folders, names in os.walk(root):
        inside = Path(folder).relative_to(root)
        kept = [name for name in folders if not _is_left_out((inside / name).as_posix())]
        # A link to a folder is not followed, so that what it holds would be missed.
        unknown += [(inside / name).as_posix() for name in kept if (root / inside / name).is_symlink()]
        folders[:] = kept
        for name in names:
            path = (inside / name).as_posix()
            if _is_left_out(path):
                continue
            known = _matches(path, PACKED) and not name.startswith(".") and (root / path).is_file()
            (files if known else unknown).append(path)
    if unknown:
        others = f" and {len(unknown) - 1} more are" if len(unknown) > 1 else " is"
        remedy = "move it away, or name it in bundle/packaging/layout.py"
        raise InputError(f"{root / min(unknown)}{others} no known part of the bundle", remedy)
    return sorted(files)


def _is_left_out(path: str) -> bool:
    # A hidden file counts as left out in the root alone.
    return _matches(path, [pattern for pattern in LEFT_OUT if pattern != ".*" or "/" not in path])


def _matches(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)
