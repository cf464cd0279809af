import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import Compose

from bundle.pictures import restore
from bundle.transforms import CropToMaskd, FitSquared


@pytest.mark.parametrize(
    ("shape", "box"),
    [((120, 160), (30, 110, 20, 150)), ((160, 120), (0, 160, 0, 120)), ((97, 131), (10, 71, 40, 131))],
)
def test_a_spot_comes_back_to_where_it_was(shape, box):
    """The very transforms of the configs crop, resize and pad a spot; its map must land on it again."""
    top, bottom, left, right = box
    row, column = top + (bottom - top) // 3, left + 2 * (right - left) // 3
    image = np.zeros((1, *shape), dtype=np.float32)
    image[0, row - 3 : row + 4, column - 3 : column + 4] = 1
    mask = np.zeros((1, *shape), dtype=np.uint8)
    mask[0, top:bottom, left:right] = 1
    sample = Compose([CropToMaskd("image"), FitSquared("image", 64)])(
        {"image": MetaTensor(torch.from_numpy(image)), "brain_mask": MetaTensor(torch.from_numpy(mask))}
    )
    restored = restore(sample["image"][0].numpy(), sample["box_start"], sample["box_end"], shape)
    assert restored.shape == shape
    rows, columns = np.indices(shape)
    found = (rows * restored).sum() / restored.sum(), (columns * restored).sum() / restored.sum()
    assert found == pytest.approx((row, column), abs=1.5)
    outside = restored.copy()
    outside[top:bottom, left:right] = 0
    assert not outside.any()
