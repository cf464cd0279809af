"""Images without labels, as inference gets them: a file, a series, or a folder tree of anything → rows of slices."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bundle.errors import InputError
from bundle.files import display_name, walk_files
from bundle.gate import Outcome, judge_nifti, judge_other, judge_picture, judge_slice
from bundle.parallel import map_files
from bundle.readers.dicom_file import check_dicom, parse_dicom
from bundle.readers.formats import Format, image_format, require_content, require_format
from bundle.readers.geometry import slice_position
from bundle.sources.header import read_demographics
from bundle.sources.judged_series import Row, Slice, judged_series, with_choice
from bundle.sources.lost_files import with_heads
from bundle.sources.middle_slices import seen_in_the_middle

NOBODY: Row = {"age": None, "sex": ""}
"""What an image without a header tells of its patient."""


class Refused(NamedTuple):
    """A DICOM file that cannot be scored, whose header tells its series."""

    series: Row
    """``{"study", "series"}``."""
    reason: str


def find_images(
    path: Path | str | Sequence[Path | str] | None, all_series: bool = False
) -> tuple[list[Row], list[Row]]:
    """Return one row for every slice that is scored, and one for every file or series that is not.

    Args:
        path: a DICOM file, NIfTI volume, PNG or JPEG, or a folder, which is searched to its depth but for hidden
            files and folders; or several of them. DICOM files are known by their first bytes too.
        all_series: whether to score all series of a study that can be scored, not only those that are worth reading,
            see `bundle.gate.choose_series`.

    Returns:
        - rows: ``{"image", "slice", "study", "series", "sop", "position", "age", "sex", "part"}`` and the columns of
          `bundle.gate.SeriesJudgement`, where `image` is an absolute path, `slice` the index along the last axis of a
          volume (other rows have none), `position` mm along the normal from inferior to superior or None, and `study`,
          `series` and `sop` are the UIDs of DICOM. Without a UID, `series` is a NIfTI's file name or the folder of
          other files, relative to `path`, and the others are "". `age` (years) and `sex` are those of a DICOM header;
          elsewhere None and "". `part` names what belongs together where one series holds several patients, kernels,
          planes or time points. Rows of one series and part are together and sorted by position; slices at one position
          are all kept.
        - rejected: ``{"image", "reason", "lost_by", "beside"}`` for files that look like images but cannot be scored:
          damaged ones, and what else `bundle.readers` refuses; the last two name heads that are without the file, see
          `bundle.sources.lost_files`. And for series that the gate leaves out, and files of other formats, ``"image",
          "reason", "slices", "study", "series", "part"`` and its columns, among which ``kind``.

    Raises:
        InputError: when `path` is not given, does not exist, is a file of no known format, or a folder without images.
    """
    paths = [path] if isinstance(path, str | Path) else [*(path or ())]
    if not paths or not all(map(str, paths)):
        raise InputError("inference has no input", "give it a file or a folder with --input")
    files: list[Path] = []
    rejected: list[Row] = []
    for given in dict.fromkeys(Path(each).expanduser().absolute() for each in paths):
        of_given, refused = _files(given)
        files += of_given
        rejected += refused
    root = common_folder(paths)
    slices: list[Slice] = []
    for file, found in zip(files, map_files(partial(_scan, root=root), files, "Images"), strict=True):
        if isinstance(found, InputError):
            rejected.append({"image": str(file), "reason": str(found)})
        elif isinstance(found, Refused):
            rejected.append({**found.series, "image": str(file), "reason": found.reason})
        else:
            slices += found
    every = list(map(seen_in_the_middle, judged_series(slices)))
    if not all_series:
        every = with_choice(every)
    rejected, rows = with_heads(rejected, every), []
    for series in every:
        if series.judgement.outcome is Outcome.LEFT_OUT:
            rejected.append(series.left_out())
        else:
            rows += series.scored_rows()
    return rows, rejected


def common_folder(path: Path | str | Sequence[Path | str]) -> Path:
    """Return the folder that holds what is given, to which the names in the results are relative: a folder itself."""
    paths = [path] if isinstance(path, str | Path) else path
    absolute = [Path(each).expanduser().absolute() for each in paths]
    return Path(os.path.commonpath([each if each.is_dir() else each.parent for each in absolute]))


def _files(path: Path) -> tuple[list[Path], list[Row]]:
    """Return the files of a file or a folder tree, and what is none.

    Raises:
        InputError: see `find_images`.
    """
    if not path.is_dir():
        if not path.exists() or image_format(path) is None:
            require_format(path)
        return [path], []
    files, rejected = _walk(path)
    if not any(image_format(file) for file in files):
        raise InputError("holds no DICOM, NIfTI, PNG or JPEG files", "give another folder", path)
    return files, rejected


def _walk(root: Path) -> tuple[list[Path], list[Row]]:
    """Return the files of a folder tree, and what is none."""
    files, rejected = [], []
    for path, problem in walk_files(root):
        if problem:
            rejected.append({"image": str(path), "reason": f"{display_name(path)} {problem}"})
        else:
            files.append(path)
    return files, rejected


def _scan(file: Path, root: Path) -> list[Slice] | Refused:
    folder = file.parent.relative_to(root).as_posix()
    found = image_format(file)
    if found is None:
        return [Slice(_row(file, series=folder), judge_other(file))]
    require_content(file)
    match found:
        case Format.DICOM:
            return _dicom_slice(file, folder)
        case Format.NIFTI:
            return _nifti_slices(file, file.relative_to(root).as_posix())
        case Format.RASTER:
            return [Slice(_row(file, series=folder), judge_picture(file))]


def _row(file: Path, *, study: str = "", series: str, sop: str = "", position: float | None = None) -> Row:
    return {"image": str(file), "study": study, "series": series, "sop": sop, "position": position, **NOBODY}


def _dicom_slice(file: Path, folder: str) -> list[Slice] | Refused:
    dicom = parse_dicom(file, header_only=True)
    study, series, sop = (dicom.text(f"{level}InstanceUID") for level in ("Study", "Series", "SOP"))
    try:
        facts, finding = judge_slice(dicom)
        if finding.kind.outcome is not Outcome.LEFT_OUT:
            check_dicom(dicom)
    except InputError as error:
        return Refused({"study": study, "series": series or folder}, str(error))
    row = _row(file, study=study, series=series or folder, sop=sop, position=facts.position)
    return [Slice({**row, **read_demographics(dicom)}, (facts, finding))]


def _nifti_slices(file: Path, series: str) -> list[Slice]:
    judgement, affine, depth = judge_nifti(file)
    rows = [_row(file, series=series, position=slice_position(affine, index)) for index in range(depth)]
    return [Slice({**row, "slice": index}, judgement) for index, row in enumerate(rows)]
