import numpy as np
import pytest
import torch
from PIL import Image

from bundle.errors import InputError
from bundle.labels import UNKNOWN
from bundle.pictures import restore
from bundle.transforms import FitSquare, LesionMapd

START, END, SIZE = (10, 20), (90, 80), 40
NORMAL, BLEED = np.zeros(6, np.float32), np.array([0, 1, 0, 0, 0, 1], np.float32)


@pytest.fixture
def outlined(tmp_path):
    outline = np.zeros((100, 110), np.uint8)
    outline[30:50, 40:60] = 255
    Image.fromarray(outline).save(tmp_path / "mask.png")
    image = FitSquare(SIZE)(torch.full((3, END[0] - START[0], END[1] - START[1]), 0.5)) / 255
    box = {"box_start": torch.tensor(START), "box_end": torch.tensor(END)}
    return {"image": image, "label": BLEED, "mask": str(tmp_path / "mask.png"), **box}, outline > 0


def test_an_outline_lies_where_it_was_drawn(outlined):
    sample, outline = outlined
    made = LesionMapd({255: "any"})(sample)
    assert made["lesion"].shape == (1, SIZE, SIZE) and made["lesion"].dtype == torch.float32
    back = restore(made["lesion"][0].numpy(), START, END, outline.shape) > 0.5
    assert (back & outline).sum() / (back | outline).sum() > 0.85
    assert made.keys() == {"image", "label", "box_start", "box_end", "lesion"}


def test_no_blood_is_asked_for_in_black(outlined):
    sample, _ = outlined
    sample["image"][:, :, : SIZE // 2] = 0
    lesion = LesionMapd({})(sample)["lesion"]
    assert not lesion[..., : SIZE // 2].any() and lesion.any()


def test_without_an_outline_only_the_normal_are_known(outlined):
    sample, _ = outlined
    for label, mask, expected in ((NORMAL, "", 0), (NORMAL, sample["mask"], 0), (BLEED, "", UNKNOWN)):
        assert (LesionMapd({})({**sample, "label": label, "mask": mask, "slice": 3})["lesion"] == expected).all()
    unknown = np.full(6, UNKNOWN, np.float32)
    assert (LesionMapd({})({**sample, "label": unknown})["lesion"] == UNKNOWN).all()


def test_an_empty_mask_of_a_bleed_tells_nothing(outlined, tmp_path):
    Image.fromarray(np.zeros((100, 110), np.uint8)).save(tmp_path / "empty.png")
    sample = {**outlined[0], "mask": str(tmp_path / "empty.png")}
    assert (LesionMapd({})(sample)["lesion"] == UNKNOWN).all()


def test_a_mask_of_another_size_is_refused(outlined, tmp_path):
    Image.fromarray(np.full((50, 55), 255, np.uint8)).save(tmp_path / "small.png")
    with pytest.raises(InputError, match=r"small\.png has 50 × 55 pixels, another size than its image"):
        LesionMapd({})({**outlined[0], "mask": str(tmp_path / "small.png")})


def test_a_mask_larger_than_its_images_file_is_refused(outlined, tmp_path):
    sample, _ = outlined
    for name, size in (("image", (100, 110)), ("other", (90, 90))):
        Image.fromarray(np.zeros(size, np.uint8)).save(tmp_path / f"{name}.png")
    made = LesionMapd({})({**sample, "file": str(tmp_path / "image.png")})
    assert made["lesion"].any() and "file" not in made
    with pytest.raises(InputError, match=r"mask\.png has 100 × 110 pixels, another size than its image"):
        LesionMapd({})({**sample, "file": str(tmp_path / "other.png")})
