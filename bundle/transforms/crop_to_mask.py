"""Crop to what a mask covers."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform
from monai.utils import MetaKeys

from bundle.preprocessing import mask_box


class CropToMaskd(MapTransform):
    """Crop images [C, H, W] and their mask [1, H, W] to the mask's bounding box and a margin, within the image.

    It stands in for MONAI's `CropForegroundd`, which takes six times as long (1.6 ms against 0.25 ms for 512 × 512),
    about as long as reading the slice. An empty mask leaves the whole image, and so does none.

    Args:
        keys: keys of the images.
        mask_key: key of the mask, which may be missing; it becomes a plain tensor.
        margin: pixels around the box.
        start_key: key that gets the first row and column of the box, int32 [2].
        end_key: key that gets the row and column after the last, int32 [2].

    Raises:
        ValueError: when the margin is negative.

    Example:
        >>> mask = torch.zeros(1, 512, 512)
        >>> mask[:, 100:300, 150:400] = 1
        >>> data = {"image": MetaTensor(torch.zeros(1, 512, 512)), "brain_mask": MetaTensor(mask)}
        >>> CropToMaskd("image", margin=8)(data)["image"].shape
        torch.Size([1, 216, 266])
    """

    def __init__(
        self,
        keys: KeysCollection,
        mask_key: str = "brain_mask",
        margin: int = 0,
        start_key: str = "box_start",
        end_key: str = "box_end",
        allow_missing_keys: bool = False,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        if margin < 0:
            raise ValueError(f"the margin of the crop must not be negative, got {margin}")
        self.mask_key, self.margin, self.start_key, self.end_key = mask_key, margin, start_key, end_key

    def __call__(self, data: Mapping[Hashable, MetaTensor]) -> dict[Hashable, Any]:
        """Return a copy of `data`, cropped, with the box."""
        result: dict[Hashable, Any] = dict(data)
        if self.mask_key in result:
            mask = result[self.mask_key].as_tensor()
            spans = list(mask_box(mask[0].numpy(), self.margin))
            result[self.mask_key] = mask[:, slice(*spans[0]), slice(*spans[1])]
        else:
            spans = [(0, length) for length in result[self.first_key(result)].shape[-2:]]
        for key in self.key_iterator(result):
            result[key] = _crop(result[key], spans)
        result[self.start_key], result[self.end_key] = torch.tensor(spans, dtype=torch.int32).unbind(dim=1)
        return result


def _crop(image: MetaTensor, spans: Sequence[tuple[int, int]]) -> MetaTensor:
    rows, columns = (slice(*span) for span in spans)
    affine = image.affine.clone()
    affine[:3, 3] += affine[:3, :2] @ affine.new_tensor([rows.start, columns.start])
    return MetaTensor(image.as_tensor()[:, rows, columns], meta={**image.meta, MetaKeys.AFFINE: affine})
