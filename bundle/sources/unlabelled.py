"""Images without labels, as inference gets them: a file, a series, or a folder tree of anything → rows of slices."""

from functools import partial
from pathlib import Path
from typing import Any

from bundle.errors import InputError
from bundle.files import display_name, walk_files
from bundle.parallel import map_files
from bundle.readers.dicom_file import open_dicom
from bundle.readers.formats import Format, image_format, require_format
from bundle.readers.geometry import slice_position
from bundle.readers.nifti import check_nifti, open_nifti, screen_geometry
from bundle.readers.raster import check_raster
from bundle.sources.header import read_demographics

Row = dict[str, Any]

NOBODY: Row = {"age": None, "sex": ""}
"""What an image without a header tells of its patient."""


def find_images(path: Path | str) -> tuple[list[Row], list[Row]]:
    """Return one row for every slice that can be scored, and one for every file that cannot.

    Args:
        path: a DICOM file, NIfTI volume, PNG or JPEG, or a folder, which is searched to its depth. Hidden files and
            folders, DICOMDIR and files of other formats are skipped; DICOM files are known by their first bytes too.

    Returns:
        - rows: ``{"image", "slice", "study", "series", "sop", "position", "age", "sex"}``, where `image` is an
          absolute path, `slice` the index along the last axis of a volume (other rows have none), `position` mm along
          the normal from inferior to superior or None, and `study`, `series` and `sop` are the UIDs of DICOM. Without
          a UID, `series` is a NIfTI's file name or the folder of other files, relative to `path`, and the others are
          "". `age` (years) and `sex` are those of a DICOM header; elsewhere None and "".
          Rows of one series are together and sorted by position; slices at one position are all kept.
        - rejected: ``{"image", "reason"}`` for files that look like images but cannot be scored: damaged ones, scouts,
          colour captures, reports and other DICOM without pixels, and what else `bundle.readers` refuses.

    Raises:
        InputError: when `path` does not exist, is a file of no known format, or a folder without images.
    """
    root = Path(path).expanduser().absolute()
    if root.is_dir():
        files, rejected = _walk(root)
        if not files:
            raise InputError("holds no DICOM, NIfTI, PNG or JPEG files", "give another folder", root)
    else:
        if not root.exists() or image_format(root) is None:
            require_format(root)
        files, rejected, root = [root], [], root.parent
    rows: dict[tuple[str, str], list[Row]] = {}
    for file, found in zip(files, map_files(partial(_scan, root=root), files, "Images"), strict=True):
        if isinstance(found, InputError):
            rejected.append({"image": str(file), "reason": str(found)})
            continue
        for row in found:
            rows.setdefault((row["study"], row["series"]), []).append(row)
    return [row for series in rows.values() for row in sorted(series, key=_by_position)], rejected


def _walk(root: Path) -> tuple[list[Path], list[Row]]:
    """Return the images of a folder tree, and what looks like one but cannot be opened."""
    files, rejected = [], []
    for path, problem in walk_files(root):
        if problem:
            rejected.append({"image": str(path), "reason": f"{display_name(path)} {problem}"})
        elif image_format(path) is not None:
            files.append(path)
    return files, rejected


def _by_position(row: Row) -> tuple[bool, float]:
    position = row["position"]
    return position is None, position or 0.0


def _scan(file: Path, root: Path) -> list[Row]:
    folder = file.parent.relative_to(root).as_posix()
    match require_format(file):
        case Format.DICOM:
            return [_dicom_row(file, folder)]
        case Format.NIFTI:
            return _nifti_rows(file, file.relative_to(root).as_posix())
        case Format.RASTER:
            check_raster(file)
            return [_row(file, series=folder)]


def _row(file: Path, *, study: str = "", series: str, sop: str = "", position: float | None = None) -> Row:
    return {"image": str(file), "study": study, "series": series, "sop": sop, "position": position, **NOBODY}


def _dicom_row(file: Path, folder: str) -> Row:
    dicom = open_dicom(file, header_only=True)
    study, series, sop = (dicom.text(f"{level}InstanceUID") for level in ("Study", "Series", "SOP"))
    row = _row(file, study=study, series=series or folder, sop=sop, position=dicom.position)
    return {**row, **read_demographics(dicom)}


def _nifti_rows(file: Path, series: str) -> list[Row]:
    image = open_nifti(file)
    check_nifti(image, file)
    _, affine, (_, _, depth) = screen_geometry(image)
    return [
        _row(file, series=series, position=slice_position(affine, index)) | {"slice": index} for index in range(depth)
    ]
