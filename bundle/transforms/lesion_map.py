"""The outlined bleeds of a slice as a target of the network's size."""

from collections.abc import Hashable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.transforms import Transform

from bundle.datalist.outlines import any_bleed, read_outlines
from bundle.errors import InputError
from bundle.labels import ANY_INDEX, UNKNOWN
from bundle.readers.shape import read_shape
from bundle.transforms.fit_square import FitSquare


class LesionMapd(Transform):
    """Give a sample the part of blood in each pixel of its image, [1, S, S] float32 in [0, 1].

    It is 0 in a slice known to have no bleed, the outline where the row names a mask, and `bundle.labels.UNKNOWN`
    everywhere else. Where the image is black, outside the brain mask, no blood is asked for.

    Args:
        values: what the masks' values mean, see `bundle.datalist.mask_values`.
        image_key: key of the image [C, S, S], cropped to the box and fitted into the square.
        lesion_key: key that gets the map. The row's own keys, "mask", "slice" and "file" (where it is known, the path
            of the image), are left out of the result.

    Raises:
        InputError: when a mask cannot be read, is smaller than the box, or of another size than the image's file.

    Example:
        >>> normal = {"image": torch.zeros(3, 160, 160), "label": [0] * 6}
        >>> LesionMapd({})(normal)["lesion"].shape
        torch.Size([1, 160, 160])
    """

    def __init__(self, values: Mapping[int, str], image_key: str = "image", lesion_key: str = "lesion") -> None:
        self.values, self.image_key, self.lesion_key = values, image_key, lesion_key

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Return a copy of `data` with the map."""
        result = dict(data)
        row: dict[str, Any] = {key: result.pop(key) for key in ("mask", "slice", "file") if key in result}
        bleed, size = result["label"][ANY_INDEX], result[self.image_key].shape[-1]
        result[self.lesion_key] = torch.full((1, size, size), 0.0 if bleed == 0 else float(UNKNOWN))
        if bleed == 1 and row.get("mask"):
            outlines = read_outlines(row, self.values)
            if outlines:
                result[self.lesion_key] = self._fit(any_bleed(outlines), result, row)
        return result

    def _fit(self, outline: np.ndarray, data: Mapping[Hashable, Any], row: Mapping[str, Any]) -> torch.Tensor:
        image, start, end = data[self.image_key], data["box_start"].tolist(), data["box_end"].tolist()
        height, width = outline.shape
        fits = _plane(row["file"]) == (height, width) if row.get("file") else height >= end[0] and width >= end[1]
        if not fits:
            raise InputError(
                f"has {height} × {width} pixels, another size than its image",
                "resample the mask to the image, or remove it from the datalist",
                row["mask"],
            )
        inside = torch.from_numpy(outline[None, start[0] : end[0], start[1] : end[1]])
        seen = (image > 0).any(0, keepdim=True)
        return FitSquare(image.shape[-1])(inside.float()).float() / 255 * seen


@lru_cache(maxsize=100_000)
def _plane(file: str) -> tuple[int, int]:
    """Return rows and columns of an image; kept, because each epoch asks for all of them."""
    rows, columns, *_ = read_shape(Path(file))
    return rows, columns
