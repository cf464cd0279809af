"""Masks whose outlines would be others: not of the size of their image, or with values that mean nothing."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from bundle.datalist.collection import Collection
from bundle.datalist.schema import Row, row_name
from bundle.errors import InputError
from bundle.parallel import map_files


def find_misfits(rows: Sequence[Row], dataset_dir: Path, values: Mapping[int, str]) -> dict[int, str]:
    """Return what is wrong with the masks of rows, by the index of the row; a clause about its image.

    A mask may have another format than its image; the values of PNG and JPEG masks are compared with the named ones.
    That an image cannot be read is left to those who read its pixels.

    Args:
        rows: of a datalist; those without a mask are passed over.
        dataset_dir: folder to which images and masks are relative.
        values: what the masks' values mean, see `bundle.datalist.mask_values`.
    """
    from bundle.datalist.mask_pixels import read_mask_shape
    from bundle.readers.shape import read_shape  # its NIfTI reader takes long to import, and datalists need none

    masked = {index: row for index, row in enumerate(rows) if row.get("mask")}
    shapes = {}
    for key, read in (("image", read_shape), ("mask", partial(read_mask_shape, values=values))):
        names = sorted({row[key] for row in masked.values()})
        found = map_files(read, [dataset_dir / name for name in names], "comparing masks")
        shapes[key] = dict(zip(names, found, strict=True))
    misfits = {}
    for index, row in masked.items():
        image, mask = shapes["image"][row["image"]], shapes["mask"][row["mask"]]
        if isinstance(mask, InputError):
            misfits[index] = f"its mask {row['mask']} {mask.relative_to(dataset_dir / row['mask'])}"
        elif not isinstance(image, InputError) and image != mask:
            sizes = f"{_size(mask)}, and not {_size(image)} as the image"
            misfits[index] = f"its mask {row['mask']} has {sizes}; resample the mask to the image, or leave it out"
    return misfits


def take_off_misfits(collection: Collection, dataset_dir: Path) -> None:
    """Take off a collection's rows the masks that do not fit, and note how many these are.

    Args:
        collection: whose rows and notes are changed.
        dataset_dir: folder to which images and masks are relative.
    """
    misfits = find_misfits(collection.rows, dataset_dir, collection.mask_values)
    if not misfits:
        return
    first, problem = next(iter(misfits.items()))
    collection.notes.append(
        f"{len(misfits)} images have a mask that does not fit or cannot be read, and is left out, first "
        f"{row_name(collection.rows[first])}: {problem}"
    )
    collection.rows = [
        {key: value for key, value in row.items() if key != "mask"} if index in misfits else row
        for index, row in enumerate(collection.rows)
    ]


def _size(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape))
