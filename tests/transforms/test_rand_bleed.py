import numpy as np
import pytest
import torch
from scipy import ndimage

from bundle.labels import ANY, LABELS, SUBTYPES, UNKNOWN
from bundle.transforms import RandBleedd, window_hu
from bundle.transforms.bleed_shapes import SHAPES, Brain

WINDOWS = ((40.0, 80.0), (80.0, 200.0))
SIZE = 96
ROWS, COLUMNS = np.ogrid[:SIZE, :SIZE]
TO_MIDDLE = np.hypot((ROWS - 48) / 42, (COLUMNS - 48) / 36)


def head_hu(noise=2.0):
    """Return a head of brain, two ventricles and bone, [1, H, W] in HU, air outside."""
    hu = np.where(TO_MIDDLE < 1, 700.0, -1000.0)
    hu[TO_MIDDLE < 0.92] = 32
    for side in (-1, 1):
        hu[np.hypot((ROWS - 46) / 13, (COLUMNS - 48 - 6 * side) / 4) < 1] = 6
    hu[TO_MIDDLE < 0.92] += noise * np.random.RandomState(0).standard_normal((TO_MIDDLE < 0.92).sum())
    return torch.from_numpy(hu).float()[None]


def windowed(hu):
    return torch.cat([window_hu(hu, level, width) for level, width in WINDOWS])


@pytest.fixture
def brain():
    hu = head_hu()[0].numpy()
    return Brain.find(hu, hu > 0, 60, 78)


def painted(seed=0, **options):
    paint = RandBleedd("image", WINDOWS, prob=1, decoy=0, **options).set_random_state(seed)
    normal = np.zeros(6, np.float32)
    return paint({"image": windowed(head_hu()), "label": normal, "lesion": torch.zeros(1, SIZE, SIZE)})


def test_the_brain_ends_at_the_bone(brain):
    truth = TO_MIDDLE < 0.92
    assert (brain.mask & truth).sum() / (brain.mask | truth).sum() > 0.97
    assert brain.radius == pytest.approx(np.sqrt(truth.sum() / np.pi), rel=0.02)
    assert brain.middle == pytest.approx((48, 48), abs=1)
    assert not brain.dark[48, 75] and brain.dark[46, 42] and brain.dark[46, 54]


def test_a_face_is_no_brain():
    hu = np.where(TO_MIDDLE < 0.9, 50.0, 0.0)
    hu[40:50, 20:30] = 700
    assert Brain.find(hu, hu > 0, 60, 78) is None
    assert Brain.find(np.zeros((SIZE, SIZE)), np.zeros((SIZE, SIZE), bool), 60, 78) is None


@pytest.mark.parametrize("subtype", SUBTYPES)
def test_a_bleed_lies_where_its_kind_does(brain, subtype):
    random = np.random.RandomState(1)
    depths, dark = [], []
    for _ in range(40):
        bleed = SHAPES[subtype](brain, random)
        assert bleed.shape == (SIZE, SIZE) and bleed.min() >= 0 and bleed.max() <= 1
        assert not bleed[~ndimage.binary_dilation(brain.mask)].any()
        if bleed.sum() > 4:
            depths.append((bleed * brain.depth).sum() / bleed.sum() / brain.radius)
            dark.append((bleed * brain.dark).sum() / bleed.sum())
    assert len(depths) > 25
    if subtype == "epidural":
        assert max(depths) < 0.3
    if subtype == "intraventricular":
        assert min(dark) > 0.5
    if subtype == "intraparenchymal":
        assert np.median(depths) > 0.3


def test_an_epidural_is_a_lens_and_a_subdural_a_crescent(brain):
    """The lens is the thicker of two along the bone of equal area."""
    random = np.random.RandomState(2)
    thickness = {}
    for subtype in ("epidural", "subdural"):
        found = []
        for _ in range(60):
            bleed = SHAPES[subtype](brain, random) > 0.5
            if 100 < bleed.sum() < 400 and (bleed & (brain.depth < 2)).any():
                found.append(brain.depth[bleed].max() / np.sqrt(bleed.sum()))
        thickness[subtype] = np.median(found)
    assert thickness["epidural"] > 1.2 * thickness["subdural"]


def test_blood_is_as_dense_as_asked_in_every_window():
    clean = windowed(head_hu())
    for seed in range(12):
        made = painted(seed, blood=(60.0, 60.0))
        full = made["lesion"][0] > 0.74
        if full.sum() < 20:
            continue
        for channel, (level, width) in enumerate(WINDOWS):
            hu = made["image"][channel][full].mean() * width + level - width / 2
            assert 45 < hu < 68
        untouched = made["lesion"][0] == 0
        assert torch.equal(made["image"][:, untouched], clean[:, untouched])


def test_labels_tell_what_was_painted():
    seen = set()
    for seed in range(40):
        made = painted(seed)
        label = made["label"]
        assert isinstance(label, np.ndarray) and label.dtype == np.float32
        assert label[LABELS.index(ANY)] == label[:5].sum() == (made["lesion"].sum() > 4)
        seen.add(tuple(label[:5].tolist()))
    assert len(seen) >= 5


def test_the_given_label_is_not_changed():
    label = torch.zeros(6)
    image = windowed(head_hu())
    before = image.clone()
    RandBleedd("image", WINDOWS, prob=1).set_random_state(0)({"image": image, "label": label})
    assert not label.any() and torch.equal(image, before)


def test_a_real_bleed_is_left_alone_with_its_map():
    label = torch.tensor([0, 1, 0, 0, 0, 1])
    image, lesion = windowed(head_hu()), torch.full((1, SIZE, SIZE), 0.5)
    paint = RandBleedd("image", WINDOWS, prob=1, decoy=0)
    made = paint({"image": image, "label": label, "lesion": lesion})
    assert torch.equal(made["image"], image) and torch.equal(made["label"], label)
    assert torch.equal(made["lesion"], lesion)


def test_what_is_not_known_to_be_normal_is_left_alone():
    made = RandBleedd("image", WINDOWS, prob=1, decoy=0)(
        {"image": windowed(head_hu()), "label": torch.full((6,), UNKNOWN)}
    )
    assert (made["label"] == UNKNOWN).all()


def test_decoys_change_the_image_and_no_label():
    paint = RandBleedd("image", WINDOWS, prob=0, decoy=1).set_random_state(0)
    clean = windowed(head_hu())
    none = torch.zeros(1, SIZE, SIZE)
    made = [paint({"image": clean, "label": torch.zeros(6), "lesion": none}) for _ in range(20)]
    assert sum(not torch.equal(each["image"], clean) for each in made) > 15
    assert not any(each["label"].any() or each["lesion"].any() for each in made)


def test_draws_are_repeatable():
    assert torch.equal(painted(5)["image"], painted(5)["image"])
    assert not torch.equal(painted(5)["image"], painted(6)["image"])


def test_an_empty_slice_is_left_as_it_is():
    image = torch.zeros(2, 32, 32)
    made = RandBleedd("image", WINDOWS, prob=1, decoy=1)({"image": image, "label": torch.zeros(6)})
    assert torch.equal(made["image"], image) and not made["label"].any()
