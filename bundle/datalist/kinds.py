"""Which rows of a datalist the gate would not simply score."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bundle.datalist.schema import Row
from bundle.errors import InputError
from bundle.gate import Kind, Outcome, judge_nifti, judge_other, judge_picture, judge_slice
from bundle.parallel import map_files
from bundle.readers.dicom_file import parse_dicom
from bundle.readers.formats import Format, image_format


def count_other_kinds(rows: Sequence[Row], dataset_dir: Path | str) -> Counter[Kind]:
    """Return how many rows are of each kind of image that is left out, or scored with a caution only.

    Images that cannot be read are not counted; `bundle.datalist.check_datalist` names them.

    Args:
        rows: of a datalist.
        dataset_dir: folder to which their images are relative.

    Example:
        >>> import tempfile
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Image.new("L", (64, 64)).save(f"{folder}/black.png")
        ...     print(*count_other_kinds([{"image": "black.png"}], folder).elements())
        empty
    """
    of_image = Counter(row["image"] for row in rows)
    found = map_files(_find_kind, [Path(dataset_dir) / image for image in of_image], "asking for kinds")
    counts: Counter[Kind] = Counter()
    for number, kind in zip(of_image.values(), found, strict=True):
        if not isinstance(kind, InputError) and Kind(kind).outcome is not Outcome.SCORED:
            counts[Kind(kind)] += number
    return counts


def _find_kind(file: Path) -> str:
    match image_format(file):
        case Format.DICOM:
            return judge_slice(parse_dicom(file, header_only=True))[1].kind
        case Format.NIFTI:
            return judge_nifti(file)[0].kind
        case Format.RASTER:
            return judge_picture(file).kind
    return judge_other(file).kind
