import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser
from monai.networks.nets import UNet

from bundle.errors import InputError
from bundle.intensity import Intensity
from bundle.phantom import make_head
from bundle.preprocessing import clean_mask, depth_inside
from bundle.transforms.brain_mask import BrainMask, BrainMaskd, predict_masks
from tests.transforms.drawn_head import Bright, as_image, dice, drawn_head, ellipse


def small_unet() -> UNet:
    torch.manual_seed(0)
    return UNet(spatial_dims=2, in_channels=1, out_channels=1, channels=(4, 8), strides=(2,))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "weights.pt"
    torch.save(Bright().state_dict(), path)
    return path


def painted(*parts: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.logical_or.reduce(parts).astype(np.float32))[None]


def mask_of(image: torch.Tensor, margin: float = 0.0) -> np.ndarray:
    (mask,) = predict_masks(Bright(), [image], margin)
    return mask[0].numpy() > 0


def test_the_mask_has_the_resolution_of_the_image() -> None:
    brain = ellipse((300, 401), (140, 200), (90, 120))
    (mask,) = predict_masks(Bright(), [painted(brain)])
    assert mask.shape == (1, 300, 401)
    assert mask.dtype == torch.uint8
    assert dice(mask[0].numpy() > 0, brain) > 0.99


def test_slices_of_different_sizes_make_a_batch_and_each_gets_its_own_mask() -> None:
    images = [painted(ellipse((size, 128), (64, 64), (radius, radius))) for size, radius in ((128, 20), (160, 40))]
    found = predict_masks(Bright(), images)
    for image, mask in zip(images, found, strict=True):
        assert mask.shape == image.shape
        assert torch.equal(mask, predict_masks(Bright(), [image])[0])
    assert found[0].sum() < found[1].sum()


def test_crumbs_are_dropped_holes_filled_and_lobes_kept() -> None:
    cerebellum, lobe = ellipse((128, 128), (90, 64), (25, 30)), ellipse((128, 128), (30, 30), (10, 10))
    hole, crumb = ellipse((128, 128), (90, 64), (5, 5)), ellipse((128, 128), (10, 120), (2, 2))
    mask = clean_mask(cerebellum & ~hole | lobe | crumb, bright=np.ones((128, 128), bool))
    assert (mask == (cerebellum | lobe)).all()


def test_the_margin_is_a_share_of_the_longer_side() -> None:
    image = painted(ellipse((512, 400), (256, 200), (120, 100)))
    tight, wide = mask_of(image), mask_of(image, margin=0.02)
    growth = np.count_nonzero(wide[:, 200]) - np.count_nonzero(tight[:, 200])
    assert growth / 2 == pytest.approx(0.02 * 512, abs=1)
    assert wide[tight].all()


def test_the_border_is_smooth_between_the_coarse_pixels_of_the_network() -> None:
    probability = np.linspace(1.0, 0.0, 9)[None].repeat(9, axis=0)
    for offset in (0.0, 0.03, 0.06):
        depth = depth_inside(probability - offset > 0.5, probability - offset, radius=2.0)
        border = np.interp(0.0, -depth[4], np.arange(9))
        assert border == pytest.approx(4 - 8 * offset + 2.0, abs=0.05)


@pytest.mark.parametrize("level", [0.0, 0.1, 1.0])
def test_a_mask_that_is_no_brains_becomes_the_whole_image(level: float) -> None:
    for margin in (0.0, 0.015):
        assert mask_of(torch.full((1, 64, 64), level), margin).all()


def test_a_spinal_canal_becomes_the_whole_image() -> None:
    canal, neck = (ellipse((128, 128), (64, 64), (radius, radius)) for radius in (8, 40))
    assert clean_mask(canal, bright=neck).all()
    assert not clean_mask(canal, bright=ellipse((128, 128), (64, 64), (20, 20))).all()


def test_a_mask_of_air_becomes_the_whole_image() -> None:
    air = ellipse((128, 128), (64, 64), (30, 30))
    assert clean_mask(air, bright=~air & ellipse((128, 128), (64, 64), (32, 32))).all()


def test_a_negative_margin_is_refused(weights: Path) -> None:
    with pytest.raises(ValueError, match="negative"):
        BrainMask(Bright(), weights, margin=-0.1)


def test_weights_are_read_at_the_first_call_and_the_transform_travels_to_workers(weights: Path) -> None:
    network = Bright()
    with torch.no_grad():
        network.slope.fill_(-20.0)
    transform = pickle.loads(pickle.dumps(BrainMaskd("image", network, weights)))  # noqa: S301, our own bytes
    _, brain = drawn_head(128)
    grey = as_image(np.where(brain, 200, 0), Intensity.DISPLAY)
    assert dice(transform({"image": grey})["brain_mask"].numpy()[0] > 0, brain) > 0.98


def test_missing_weights_are_named_at_the_first_call(tmp_path: Path) -> None:
    transform = BrainMask(Bright(), tmp_path / "absent.pt")
    with pytest.raises(InputError, match=r"absent\.pt"):
        transform(as_image(drawn_head(128)[0]))


def test_weights_of_another_network_are_named(weights: Path) -> None:
    with pytest.raises(InputError, match=r"weights\.pt holds the weights of another network"):
        BrainMask(small_unet(), weights)(as_image(drawn_head(128)[0]))


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    path = tmp_path / "damaged.pt"
    path.write_bytes(b"no weights")
    with pytest.raises(InputError, match=r"damaged\.pt"):
        BrainMask(Bright(), path)(as_image(drawn_head(128)[0]))


def test_a_volume_is_masked_slice_by_slice(weights: Path) -> None:
    first, second = drawn_head(96)[0], drawn_head(96)[0][::-1].copy()
    mask = BrainMask(Bright(), weights)
    volume = as_image(np.stack([first, second], axis=-1))
    masks = mask(volume)
    assert masks.shape == (1, 96, 96, 2)
    for index, image in enumerate((first, second)):
        assert torch.equal(masks.as_tensor()[..., index], mask(as_image(image)).as_tensor())


def test_the_mask_keeps_the_images_meta(weights: Path) -> None:
    image = as_image(drawn_head(96)[0])
    image.affine = torch.diag(torch.tensor([2.0, 2, 1, 1], dtype=torch.float64))
    assert torch.equal(BrainMask(Bright(), weights)(image).affine, image.affine)


@pytest.mark.parametrize("intensity", list(Intensity))
def test_the_shipped_weights_find_the_brain_of_unseen_phantoms(root: Path, intensity: Intensity) -> None:
    parser = ConfigParser()
    parser.read_config(root / "configs/train_brain_mask.json")
    mask = BrainMask(parser.get_parsed_content("network_def"), root / "models/brain_mask.pt")
    contrast = "T1" if intensity == Intensity.ARBITRARY else "CT"
    head = make_head(2_000_100, slices=5, contrast=contrast, bleed=("subdural",))
    images = np.clip(head.image / 80, 0, 1) * 255 if intensity == Intensity.DISPLAY else head.image
    found = mask(as_image(images.transpose(1, 2, 0), intensity)).numpy()[0].transpose(2, 0, 1) > 0
    assert dice(found, head.brain) > (0.90 if contrast == "T1" else 0.97)


@pytest.mark.parametrize("frame", [(40, 40, 40, 40), (0, 60, 0, 30)])
def test_white_paper_around_a_picture_changes_nothing(root: Path, frame: tuple[int, int, int, int]) -> None:
    parser = ConfigParser()
    parser.read_config(root / "configs/train_brain_mask.json")
    mask = BrainMask(parser.get_parsed_content("network_def"), root / "models/brain_mask.pt")
    head = make_head(2_000_102, slices=5, bleed=("epidural",))
    picture = np.clip(head.image[2] / 80, 0, 1) * 255
    top, bottom, left, right = frame
    paper = np.pad(picture, ((top, bottom), (left, right)), constant_values=250)
    found = mask(as_image(paper, Intensity.DISPLAY)).numpy()[0] > 0
    height, width = picture.shape
    assert dice(found[top : top + height, left : left + width], head.brain[2]) > 0.97
    assert found.sum() == found[top : top + height, left : left + width].sum()


def test_the_pipelines_margin_keeps_every_bleed_of_a_phantom(root: Path) -> None:
    parser = ConfigParser()
    parser.read_config(root / "configs/train_brain_mask.json")
    network = parser.get_parsed_content("network_def")
    mask = BrainMask(network, root / "models/brain_mask.pt", margin=0.015)
    head = make_head(2_000_101, slices=8, bleed=("epidural", "subdural"))
    found = mask(as_image(head.image.transpose(1, 2, 0))).numpy()[0].transpose(2, 0, 1) > 0
    bleed = head.bleed > 0
    assert bleed.sum() > 500
    assert (found & bleed).sum() >= 0.995 * bleed.sum()


def test_volumes_and_slices_share_a_batch(weights):
    mask = BrainMaskd("image", Bright(), weights)
    image, _ = drawn_head(96)
    volume = as_image(np.stack([image, image[::-1].copy()], axis=-1))
    masks = [sample["brain_mask"] for sample in mask.batch([{"image": volume}, {"image": as_image(image)}])]
    assert [tuple(each.shape) for each in masks] == [(1, 96, 96, 2), (1, 96, 96)]
    assert torch.equal(masks[0].as_tensor()[..., 0], masks[1].as_tensor())
