from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bundle.brain_mask_training import real_samples
from bundle.brain_mask_training.real_slices import find_stacks
from bundle.brain_mask_training.sample import make_sample
from bundle.errors import InputError
from bundle.intensity import Intensity
from tests.transforms.drawn_head import dice, drawn_head


def write_grey(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray((np.clip(image / 80, 0, 1) * 255).round().astype(np.uint8)).save(path)


def test_real_samples_are_taught_by_skull_stripping(tmp_path: Path) -> None:
    image, brain = drawn_head()
    for number in (2, 10, 9):
        write_grey(tmp_path / "set" / "001" / f"{number}.png", image)
    write_grey(tmp_path / "set" / "001" / "9_HGE_Seg.png", image)
    write_grey(tmp_path / "loose" / "ID_a.png", image[::-1])
    assert [path.stem for path in find_stacks(tmp_path / "set")[0]] == ["2", "9", "10"]
    samples = real_samples(tmp_path, {"set": 2, "loose": 1})
    assert len(samples) == 3
    truth = make_sample(image, brain, Intensity.HU, certain=True)["label"].numpy()
    assert dice(samples[0]["label"].numpy() > 0, truth > 0) > 0.97
    assert not samples[0]["certain"]


def test_no_real_images_without_a_folder_and_an_error_for_an_empty_one(tmp_path: Path) -> None:
    assert real_samples(None, {"anything": 1}) == []
    with pytest.raises(InputError, match="absent holds no"):
        real_samples(tmp_path, {"absent": 1})
