import pytest
import torch
from monai.data import MetaTensor

from bundle.errors import InputError
from bundle.transforms import SelectSliced

VOLUME = MetaTensor(torch.arange(24.0).reshape(1, 2, 3, 4), meta={"filename_or_obj": "head.nii"})


def test_takes_the_slice_of_a_row():
    result = SelectSliced("image")({"image": VOLUME, "slice": 2})
    assert torch.equal(result["image"].as_tensor(), VOLUME[..., 2].as_tensor())


def test_leaves_a_single_slice_alone():
    flat = MetaTensor(torch.zeros(1, 2, 3))
    assert SelectSliced("image")({"image": flat})["image"] is flat
    thin = SelectSliced("image")({"image": VOLUME[..., :1]})["image"]
    assert thin.shape == (1, 2, 3)


@pytest.mark.parametrize("row", [{}, {"slice": 4}, {"slice": -1}])
def test_names_the_file_and_the_slices_it_has(row):
    with pytest.raises(InputError, match=r"head\.nii.*slice"):
        SelectSliced("image")({"image": VOLUME, **row})
