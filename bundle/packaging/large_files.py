"""Files too large for the Zoo's repository, which takes their addresses and digests in large_files.yml instead.

The file is written as JSON, of which YAML is a superset, so that it is read here without another package; see *Prepare
a config file for large files* in https://github.com/Project-MONAI/model-zoo/blob/dev/CONTRIBUTING.md.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bundle.errors import InputError
from bundle.files import file_sha256

LARGE_FILES = "large_files.yml"


class LargeFile(NamedTuple):
    """An entry of large_files.yml.

    Attributes:
        path: of the file in the bundle.
        url: from where it is downloaded, "" while that is unknown.
        hash_val: hexadecimal digest of its contents.
        hash_type: name of the digest.
    """

    path: str
    url: str
    hash_val: str
    hash_type: str = "sha256"


def read_large_files(root: Path) -> dict[str, LargeFile]:
    """Return what the bundle folder's large_files.yml lists, by path; nothing when there is none.

    Raises:
        InputError: when it was not written as `format_large_files` does.
    """
    path = root / LARGE_FILES
    if not path.is_file():
        return {}
    try:
        entries = [LargeFile(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))["large_files"]]
    except (ValueError, TypeError, KeyError) as error:
        remedy = "write it as JSON with path, url, hash_val and hash_type of each file, or remove it"
        raise InputError(f"cannot be read ({error})", remedy, path) from None
    return {entry.path: entry for entry in entries}


def list_large_files(
    root: Path, files: Sequence[str], known: Mapping[str, LargeFile], limit: int, url: str | None
) -> list[LargeFile]:
    """Return the entries of the files above `limit` bytes, and of those that are known but absent, sorted by path.

    Args:
        root: the bundle folder.
        files: of it, relative.
        known: entries of an earlier large_files.yml, whose addresses are kept.
        limit: bytes of the largest file that is none of them.
        url: folder in the web where the large files lie by their names; the known addresses when None.
    """
    entries = {path: entry for path, entry in known.items() if path not in files}
    for path in files:
        if (root / path).stat().st_size > limit:
            address = f"{url.rstrip('/')}/{Path(path).name}" if url else known[path].url if path in known else ""
            entries[path] = LargeFile(path, address, file_sha256(root / path))
    return [entries[path] for path in sorted(entries)]


def format_large_files(entries: Sequence[LargeFile]) -> bytes:
    """Return the text of large_files.yml."""
    return (json.dumps({"large_files": [entry._asdict() for entry in entries]}, indent=2) + "\n").encode()
