import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.transforms import Compose, Lambdad, RandFlipd, Resized

import bundle
from bundle.caching import keys, sample_key, transform_version
from bundle.errors import InputError
from bundle.readers import HeadImageReader
from bundle.transforms import BrainMaskd, CropToMaskd, Windowd
from tests.transforms.drawn_head import Bright, as_image, drawn_head


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "weights.pt"
    torch.save(Bright().state_dict(), path)
    return path


def chain(weights, margin=0.0, windows=((40, 80),)):
    return Compose([BrainMaskd("image", Bright(), weights, margin), CropToMaskd("image"), Windowd("image", windows)])


def add(by):
    return lambda image: image + by


def test_equal_transforms_have_one_version_also_after_use_and_transport(weights):
    transform = chain(weights)
    first = transform_version(transform)
    assert first == transform_version(chain(weights))
    transform({"image": as_image(drawn_head(96)[0])})
    assert first == transform_version(transform)
    assert first == transform_version(pickle.loads(pickle.dumps(transform)))  # noqa: S301, our own bytes


def test_another_parameter_order_network_or_weight_has_another_version(weights, tmp_path):
    plain = chain(weights)
    other_weights = tmp_path / "other.pt"
    torch.save({name: value + 1 for name, value in Bright().state_dict().items()}, other_weights)
    network = BrainMaskd("image", torch.nn.Conv2d(1, 1, 1), weights)
    changed = [
        chain(weights, margin=0.01),
        chain(weights, windows=((40, 81),)),
        chain(other_weights),
        Compose(plain.transforms[::-1]),
        Compose(plain.transforms[:2]),
        Compose([network, *plain.transforms[1:]]),
        Lambdad("image", lambda image: image + 1),
        Lambdad("image", lambda image: image + 2),
        Lambdad("image", lambda image: image.add(2)),
        *(Lambdad("image", add(np.array([value]))) for value in (1.0, 2.0)),
    ]
    prints = [transform_version(transform) for transform in [plain, *changed]]
    assert len(set(prints)) == len(prints)


def test_weights_that_changed_in_place_count(weights):
    before = transform_version(chain(weights))
    torch.save({name: value * 3 for name, value in Bright().state_dict().items()}, weights)
    assert transform_version(chain(weights)) != before
    weights.unlink()
    with pytest.raises(InputError, match=r"weights\.pt"):
        transform_version(chain(weights))


def test_random_states_and_kept_volumes_do_not_count():
    flip = RandFlipd("image", prob=1.0)
    before = transform_version(flip)
    flip.set_random_state(5)
    assert transform_version(RandFlipd("image", prob=1.0).set_random_state(7)) == transform_version(flip)
    assert len(before) == 16
    reader = HeadImageReader()
    before = transform_version(reader)
    reader._files._kept = (("volume.nii", 1, 2), np.zeros(3), {})
    assert transform_version(reader) == before


def test_the_code_of_the_transforms_counts(monkeypatch):
    before = transform_version(Resized("image", 4))
    monkeypatch.setattr(keys, "_CODE", ("intensity.py", "readers"))
    keys._code.cache_clear()
    try:
        assert transform_version(Resized("image", 4)) != before
    finally:
        keys._code.cache_clear()


def test_all_code_that_preprocesses_counts():
    """Of the packages that make an image into a sample, those count that change what is in it."""
    root = Path(bundle.__file__).parent
    imported = {
        line.split()[1].split(".")[1]
        for name in keys._CODE
        for file in ([root / name] if name.endswith(".py") else (root / name).glob("*.py"))
        for line in file.read_text().splitlines()
        if line.strip().startswith("from bundle.")
    }
    # What these give are errors, labels, the kind of an image, outlines and weights, of which the content counts.
    others = {"errors", "labels", "gate", "datalist", "files", "predictions"}
    assert imported - others == {Path(name).stem for name in keys._CODE}
    assert not any(path.is_dir() for name in keys._CODE for path in (root / name).glob("[a-z]*")), "no folder in them"


def test_a_version_is_the_same_in_another_process(root):
    code = (
        "from monai.transforms import Compose, Resized; from bundle.caching import transform_version;"
        "print(transform_version(Compose([Resized(('image', 'label'), 4, mode=('area', 'nearest'))])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == transform_version(Compose([Resized(("image", "label"), 4, mode=("area", "nearest"))]))


def test_a_row_is_known_by_its_file_and_slice(tmp_path):
    image = tmp_path / "image.png"
    image.write_bytes(b"one")
    os.utime(image, ns=(10**18, 10**18))
    names = ("image", "slice")
    row = {"image": str(image), "slice": 3, "label": 1}
    key = sample_key(row, names)
    assert key == sample_key({**row, "label": 0}, names)
    assert key != sample_key({**row, "slice": 4}, names)
    assert key != sample_key({"image": str(image)}, names)
    os.utime(image, ns=(10**18, 10**18 + 1))
    later = sample_key(row, names)
    image.write_bytes(b"other")
    os.utime(image, ns=(10**18, 10**18 + 1))
    assert len({key, later, sample_key(row, names)}) == 3


def test_a_folder_is_known_by_the_files_in_it(tmp_path):
    (tmp_path / "1.dcm").write_bytes(b"one")
    before = sample_key({"image": str(tmp_path)}, ("image",))
    (tmp_path / "2.dcm").write_bytes(b"two")
    assert sample_key({"image": str(tmp_path)}, ("image",)) != before
