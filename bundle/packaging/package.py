"""The package of the bundle: checked, and written as the Zoo names it."""

from dataclasses import dataclass
from pathlib import Path

from bundle.errors import InputError
from bundle.files import writable_folder
from bundle.packaging.archive import write_archive
from bundle.packaging.large_files import (
    LARGE_FILES,
    LargeFile,
    format_large_files,
    list_large_files,
    read_large_files,
)
from bundle.packaging.layout import find_files
from bundle.packaging.metadata import check_metadata

NAME = "brain_hemorrhage_classification"
WEIGHTS = "models/model.pt"
MB = 1_000_000


@dataclass(frozen=True)
class Package:
    """What was packed.

    Attributes:
        path: of the archive.
        files: in it, as in the bundle folder.
        large: files that are listed in large_files.yml instead.
    """

    path: Path
    files: list[str]
    large: list[LargeFile]


def build_package(root: Path, output: Path, limit: float = 25, url: str | None = None) -> Package:
    """Write ``brain_hemorrhage_classification_v<version>.zip`` of a bundle folder; the same input, the same bytes.

    Args:
        root: the bundle folder, of the repository or unzipped from a package.
        output: folder of the archive.
        limit: MB (10⁶ bytes) of the largest file that is packed; others are listed in large_files.yml. The Zoo takes
            25.
        url: folder in the web where the large files lie by their names.

    Raises:
        InputError: when the metadata contradict the configs, the lock file or themselves; when the bundle folder holds
            what is no part of it; when a folder cannot be written to.
    """
    if not isinstance(limit, int | float) or not limit > 0:
        raise InputError(f"the limit {limit!r} must be a number of MB above 0", "the Zoo's is 25")
    metadata = check_metadata(root)
    found = [name for name in find_files(root) if name != LARGE_FILES]
    large = list_large_files(root, found, read_large_files(root), int(limit * MB), url)
    listed = {entry.path for entry in large}
    contents: dict[str, Path | bytes] = {name: root / name for name in found if name not in listed}
    if large:
        contents[LARGE_FILES] = format_large_files(large)
    path = writable_folder(output) / f"{NAME}_v{metadata['version']}.zip"
    write_archive(path, {f"{NAME}/{name}": content for name, content in contents.items()})
    return Package(path, sorted(contents), large)
