import numpy as np
import pytest
import torch
from monai.transforms import Compose, Resize, ResizeWithPadOrCrop

from bundle.transforms import FitSquare, FitSquared


@pytest.mark.parametrize("shape", [(120, 90), (90, 120), (301, 300), (40, 64), (64, 3)])
def test_it_fits_as_monai_does(shape):
    rows, columns = np.indices(shape)
    smooth = 0.5 + 0.4 * np.sin(rows / shape[0] * 4) * np.cos(columns / shape[1] * 5)
    image = torch.from_numpy(np.stack([smooth, 1 - smooth]).astype(np.float32))
    fitted = FitSquare(64)(image)
    monais = Compose(
        [Resize(64, size_mode="longest", mode="bilinear", anti_aliasing=True), ResizeWithPadOrCrop((64, 64))]
    )(image)
    assert fitted.dtype == torch.uint8
    difference = (fitted / 255 - monais.as_tensor()).abs()
    assert difference.mean() < 0.01
    assert ((fitted > 0).any(dim=1) == (monais.as_tensor() > 0).any(dim=1)).all()


def test_noise_is_averaged_and_not_sampled():
    noise = torch.rand(1, 256, 256, generator=torch.Generator().manual_seed(0))
    assert (FitSquare(64)(noise) / 255).std() < 0.5 * noise.std()


def test_levels_are_rounded_to_bytes():
    levels = torch.arange(256, dtype=torch.float32).reshape(1, 16, 16) / 255
    assert torch.equal(FitSquared("image", 16)({"image": levels})["image"], levels.mul(255).to(torch.uint8))


def test_outside_a_mask_it_is_black():
    mask = torch.zeros(1, 8, 8, dtype=torch.uint8)
    mask[:, 2:5, 3:6] = 1
    sample = {"image": torch.ones(2, 8, 8), "mask": mask}
    assert torch.equal(FitSquared("image", 8, mask_key="mask")(sample)["image"], mask.expand(2, 8, 8) * 255)
    assert sample["image"].all()


def test_without_a_mask_nothing_is_black():
    assert (FitSquared("image", 8)({"image": torch.ones(2, 8, 8)})["image"] == 255).all()


def test_a_square_without_a_side_is_refused():
    with pytest.raises(ValueError, match="positive, got 0"):
        FitSquare(0)


def test_one_channel_several_times_is_fitted_as_several_channels():
    image, mask = torch.rand(1, 90, 130), torch.rand(1, 90, 130) > 0.3
    together = FitSquare(64)(image.expand(3, -1, -1), mask)
    assert torch.equal(together, FitSquare(64)(image.repeat(3, 1, 1), mask))
    together[0] = 0
    assert together[1].any(), "the channels are of their own"
