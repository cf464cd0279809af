import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import CropForegroundd

from bundle.transforms import CropToMaskd


def sample(rows: slice = slice(20, 50), columns: slice = slice(5, 39)) -> dict[str, MetaTensor]:
    mask = torch.zeros(1, 60, 40, dtype=torch.uint8)
    mask[:, rows, columns] = 1
    affine = torch.tensor([[0.0, -2, 0, 7], [-3, 0, 0, 9], [0, 0, 5, 1], [0, 0, 0, 1]], dtype=torch.float64)
    return {"image": MetaTensor(torch.rand(2, 60, 40), affine=affine), "brain_mask": MetaTensor(mask, affine=affine)}


@pytest.mark.parametrize("margin", [0, 3, 100])
def test_it_crops_as_monai_does(margin):
    data = sample()
    ours = CropToMaskd("image", margin=margin)(data)
    monais = CropForegroundd(
        "image", "brain_mask", margin=margin, allow_smaller=True, start_coord_key="start", end_coord_key="end"
    )(data)
    assert torch.equal(ours["image"].as_tensor(), monais["image"].as_tensor())
    assert torch.equal(ours["image"].affine, monais["image"].affine)
    assert ours["box_start"].tolist() == list(monais["start"])
    assert ours["box_end"].tolist() == list(monais["end"])
    assert ours["brain_mask"].shape[1:] == ours["image"].shape[1:]
    assert not torch.equal(data["image"].affine, ours["image"].affine) or margin == 100


def test_an_empty_mask_leaves_the_whole_image():
    result = CropToMaskd("image")(sample(rows=slice(0, 0)))
    assert result["image"].shape == (2, 60, 40)
    assert (result["box_start"].tolist(), result["box_end"].tolist()) == ([0, 0], [60, 40])


def test_without_a_mask_the_whole_image_stays():
    data = {"image": sample()["image"]}
    result = CropToMaskd("image", margin=3)(data)
    assert result.keys() == {"image", "box_start", "box_end"}
    assert torch.equal(result["image"].as_tensor(), data["image"].as_tensor())
    assert torch.equal(result["image"].affine, data["image"].affine)
    assert (result["box_start"].tolist(), result["box_end"].tolist()) == ([0, 0], [60, 40])


def test_a_negative_margin_is_refused():
    with pytest.raises(ValueError, match="negative, got -1"):
        CropToMaskd("image", margin=-1)
