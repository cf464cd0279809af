from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from ignite.engine import Engine
from monai.bundle import ConfigParser
from monai.data import DataLoader, Dataset
from monai.utils import set_determinism
from PIL import Image
from scipy import ndimage

from bundle.brain_mask_training import DropContradicted, Sample, phantom_samples, real_samples
from bundle.brain_mask_training.rand_ct_window import RandCTWindowd
from bundle.brain_mask_training.rand_extra_axial_bleed import RandExtraAxialBleedd
from bundle.brain_mask_training.rand_tissue_contrast import FLUID, TISSUES, RandTissueContrastd, tissue_classes
from bundle.brain_mask_training.real_slices import find_stacks
from bundle.brain_mask_training.sample import SAMPLE_SIZE, make_sample
from bundle.errors import InputError
from bundle.intensity import Intensity
from bundle.transforms.brain_mask import load_mask_network
from tests.transforms.drawn_head import Bright, dice, drawn_head

CONFIG = "configs/train_brain_mask.json"


def parsed(root: Path, **overrides: object) -> ConfigParser:
    parser = ConfigParser()
    parser.read_config(root / CONFIG)
    parser.update(
        {"head_ct_data": None, "phantoms": 1, "phantom_slices": 4, "max_epochs": 1, "batch_size": 2, **overrides}
    )
    return parser


def write_grey(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray((np.clip(image / 80, 0, 1) * 255).round().astype(np.uint8)).save(path)


def test_the_config_trains_on_phantoms_alone(command: Callable, tmp_path: Path, root: Path) -> None:
    weights = tmp_path / "brain_mask.pt"
    arguments = ("--phantoms", 1, "--phantom_slices", 2, "--batch_size", 2, "--max_epochs", 1, "--weights", weights)
    done = command("monai.bundle", "run", "training", "--config_file", CONFIG, *arguments, HEAD_CT_DATA="")
    assert done.returncode == 0, done.stderr
    load_mask_network(parsed(root).get_parsed_content("network_def"), weights)
    assert weights.stat().st_size < 2_000_000


def test_the_same_seed_trains_the_same_network(root: Path) -> None:
    trained = []
    for _ in range(2):
        set_determinism(0)
        parser = parsed(root, **{"train#handlers": []})
        parser.get_parsed_content("train#trainer").run()
        trained.append(parser.get_parsed_content("network").state_dict())
    set_determinism(None)
    assert all(torch.equal(first, second) for first, second in zip(*(each.values() for each in trained), strict=True))


def test_the_shipped_weights_fit_the_configs_network(root: Path) -> None:
    load_mask_network(parsed(root).get_parsed_content("network_def"), root / "models/brain_mask.pt")
    assert (root / "models/brain_mask.pt").stat().st_size < 2_000_000


def test_phantom_samples_are_of_their_seed() -> None:
    first, second = phantom_samples(1, first_seed=7, slices=3), phantom_samples(2, first_seed=6, slices=3)[3:]
    assert all(torch.equal(a["image"], b["image"]) for a, b in zip(first, second, strict=True))
    assert all(sample["certain"] and sample["label"].any() for sample in first)
    assert first[0]["image"].shape == first[0]["label"].shape == (1, SAMPLE_SIZE, SAMPLE_SIZE)


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


def test_grey_levels_become_plausible_hu() -> None:
    image, brain = drawn_head(SAMPLE_SIZE)
    sample = make_sample((np.clip(image / 80, 0, 1) * 255).round(), brain, Intensity.DISPLAY, certain=False)
    hu = sample["image"].numpy()[0]
    assert abs(np.median(hu[brain]) - 33) < 2
    assert hu[0, 0] == -1000
    assert (hu[image > 800] > 500).mean() > 0.95


def test_no_real_images_without_a_folder_and_an_error_for_an_empty_one(tmp_path: Path) -> None:
    assert real_samples(None, {"anything": 1}) == []
    with pytest.raises(InputError, match="absent holds no"):
        real_samples(tmp_path, {"absent": 1})


def test_contradicted_samples_are_dropped_unless_certain() -> None:
    image = torch.full((1, 64, 64), -100, dtype=torch.int16)
    image[:, 16:48, 16:48] = 100
    good = (image > 0).to(torch.uint8)
    samples = [Sample(image=image, label=label, certain=certain) for label in (good, 1 - good) for certain in (0, 1)]
    dataset = Dataset(samples)
    DropContradicted(dataset, Bright(), epoch=1)(Engine(lambda engine, batch: None))
    assert [(bool((sample["label"] == good).all()), sample["certain"]) for sample in dataset.data] == [
        (True, 0),
        (True, 1),
        (False, 1),
    ]


def test_a_training_goes_on_with_the_kept_samples_alone() -> None:
    image = torch.full((1, 64, 64), -100, dtype=torch.int16)
    image[:, 16:48, 16:48] = 100
    good = (image > 0).to(torch.uint8)
    samples = [Sample(image=image, label=label, certain=False) for label in [good] * 3 + [1 - good] * 4]
    dataset = Dataset(samples)
    seen: list[int] = []
    trainer = Engine(lambda engine, batch: seen.append(int((batch["label"] == good).all())))
    DropContradicted(dataset, Bright(), epoch=2).attach(trainer)
    trainer.run(DataLoader(dataset, batch_size=1, shuffle=True), max_epochs=3)
    assert sum(seen[:7]) == 3
    assert len(seen) == 21
    assert all(seen[7:])


def test_random_windows_are_windows() -> None:
    transform = RandCTWindowd("image", levels=(40, 40), widths=(80, 80))
    image = torch.tensor([[[-1000.0, 0, 20, 80, 900]]])
    assert torch.equal(transform({"image": image})["image"], torch.tensor([[[0, 0, 0.25, 1, 1]]]))


def test_a_painted_bleed_lies_in_the_brain_at_the_bone() -> None:
    image, brain = drawn_head(128)
    sample = {"image": torch.from_numpy(image)[None], "label": torch.from_numpy(brain)[None].to(torch.uint8)}
    transform = RandExtraAxialBleedd("image", prob=1.0).set_random_state(0)
    border = brain & ~ndimage.binary_erosion(brain)
    for _ in range(10):
        painted = transform(sample)["image"].numpy()[0]
        bleed = painted != image
        assert not (bleed & ~brain).any()
        assert (bleed & border).any()
        assert 50 <= painted[bleed].min() == painted[bleed].max() <= 95


def test_no_bleed_is_painted_without_brain_or_with_probability_zero() -> None:
    image, brain = (torch.from_numpy(array)[None] for array in drawn_head(128))
    for prob, label in ((1.0, torch.zeros_like(brain)), (0.0, brain)):
        result = RandExtraAxialBleedd("image", prob=prob)({"image": image, "label": label})
        assert torch.equal(result["image"], image)


def test_tissues_follow_hu_and_the_mask() -> None:
    image, brain = drawn_head(128)
    classes = tissue_classes(image, brain)
    assert set(np.unique(classes[~brain])) <= set(range(TISSUES.index("fluid")))
    assert set(np.unique(classes[brain])) <= set(range(FLUID, len(TISSUES)))
    assert np.median(classes[(image > 800) & ~brain]) == TISSUES.index("dense bone")


def test_painting_a_tissue_depends_on_the_seed_alone() -> None:
    image, brain = drawn_head(128)
    sample = {"image": torch.from_numpy(image)[None], "label": torch.from_numpy(brain)[None].to(torch.uint8)}
    first, second, other = (RandTissueContrastd("image").set_random_state(seed)(sample)["image"] for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert first.shape == (1, 128, 128)
