"""Whether a datalist, whoever wrote it, can be trained on."""

from pathlib import Path

from bundle.datalist.fingerprint import read_fingerprint
from bundle.datalist.leakage import find_leakage
from bundle.datalist.schema import SECTIONS, find_problems
from bundle.datalist.storage import load, read_datalist
from bundle.errors import InputError
from bundle.parallel import map_files


def check_datalist(path: Path | str, dataset_dir: Path | str, pixels: bool = False) -> list[str]:
    """Return a sentence for each problem of a datalist: of its form, else absent images and leakage between sections.

    Args:
        path: the datalist.
        dataset_dir: folder to which its images are relative.
        pixels: whether to read all images, to find those that cannot be read, and identical ones of different names.

    Raises:
        InputError: when the datalist is missing or no JSON, or `dataset_dir` is no folder.
    """
    problems = list(find_problems(load(path)))
    if problems:
        return problems
    root = Path(dataset_dir)
    if not root.is_dir():
        raise InputError(f"dataset_dir {str(root)!r} is no folder; set it to the one that holds {path}'s images")
    content = read_datalist(path)
    images = sorted({row["image"] for section in SECTIONS for row in content[section]})
    absent = {image for image in images if not (root / image).exists()}
    problems = [f"the image {image} is not in {root}" for image in images if image in absent]
    digests = {}
    if pixels:
        present = [image for image in images if image not in absent]
        found = map_files(read_fingerprint, [root / image for image in present], "reading images")
        for image, fingerprint in zip(present, found, strict=True):
            if isinstance(fingerprint, InputError):
                problems.append(str(fingerprint))
            else:
                digests[image] = fingerprint.digest
    return problems + find_leakage(content, digests)
