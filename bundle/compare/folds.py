"""Cross-validation: each slice is tested once, by a network that was trained without its patient."""

from pathlib import Path
from typing import Any

from bundle.datalist import read_datalist, write_datalist
from bundle.datalist.schema import row_key
from bundle.errors import InputError
from bundle.files import writable_folder

LEAST = 3
"""Folds, at least: one is for the test, one for the validation, and the others are for the training."""


def write_folds(datalist: Path, folds: int, output: Path) -> list[Path]:
    """Write a datalist a fold, from those of ``scripts.prepare --folds``.

    Its test section is the fold itself, its validation section the fold after it, by which the best epoch is chosen and
    what is chosen later, and its training section all others. The test section of the prepared set is in none of them.

    Args:
        datalist: the prepared set; its folds lie beside it, as ``datalist_fold0.json``.
        folds: their number, at least `LEAST`.
        output: folder of the new ones, ``fold0.json`` and so on.

    Returns:
        Their paths.

    Raises:
        InputError: for fewer folds, or when those that are there are not of one set with so many folds.
    """
    if not isinstance(folds, int) or folds < LEAST:
        raise InputError(
            f"--folds is {folds!r}", f"give at least {LEAST}: one for test, one for validation, the others"
        )
    paths = [datalist.with_stem(f"{datalist.stem}_fold{fold}") for fold in range(folds)]
    contents = [_read(path, fold, folds) for fold, path in enumerate(paths)]
    held_out = [content["validation"] for content in contents]
    of_fold = {row_key(row): fold for fold, rows in enumerate(held_out) for row in rows}
    written = []
    for fold, (path, content) in enumerate(zip(paths, contents, strict=True)):
        elsewhere = {row_key(row) for row in content["training"]}
        others = {key for key, own in of_fold.items() if own != fold}
        if len(of_fold) != sum(map(len, held_out)) or elsewhere & of_fold.keys() != others:
            raise InputError("is not of one set with the other folds", "prepare all of them with one command", path)
        following = (fold + 1) % folds
        training = [row for row in content["training"] if of_fold.get(row_key(row)) != following]
        sections = {"training": training, "validation": held_out[following], "test": held_out[fold]}
        kept = {name: value for name, value in content.items() if name != "counts"}
        written.append(writable_folder(output) / f"fold{fold}.json")
        write_datalist(written[-1], {**kept, **sections})
    return written


def _read(path: Path, fold: int, folds: int) -> dict[str, Any]:
    if not path.is_file():
        raise InputError("does not exist", f"make it with scripts.prepare and --folds {folds}", path)
    content = read_datalist(path)
    told = content.get("provenance", {})
    if (told.get("fold"), told.get("folds")) != (fold, folds):
        raise InputError(
            f"is fold {told.get('fold')} of {told.get('folds')}, not {fold} of {folds}",
            f"prepare the set again with --folds {folds}, or give the --folds with which it was",
            path,
        )
    return content
