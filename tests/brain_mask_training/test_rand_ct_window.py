import torch

from bundle.brain_mask_training import RandCTWindowd


def test_random_windows_are_windows() -> None:
    transform = RandCTWindowd("image", levels=(40, 40), widths=(80, 80))
    image = torch.tensor([[[-1000.0, 0, 20, 80, 900]]])
    assert torch.equal(transform({"image": image})["image"], torch.tensor([[[0, 0, 0.25, 1, 1]]]))
