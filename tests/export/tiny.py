"""A small classifier and its setup, with which a whole export takes seconds."""

from collections import OrderedDict

import pytest
import torch
from monai.networks.nets import UNet
from monai.transforms import Compose, EnsureChannelFirstd, LoadImaged, ScaleIntensityRanged, SelectItemsd
from torch import nn

from bundle.datalist import write_datalist
from bundle.export import Setup, export_folder
from bundle.files.weights import save_weights
from bundle.labels import LABELS
from bundle.networks import HemorrhageClassifier
from bundle.phantom import Manifest, write_phantoms
from bundle.readers import HeadImageReader
from bundle.runtime.export_file import Preprocessing
from bundle.transforms import BrainMask, CropToMaskd, FitSquared, Windowd

SIZE = 32


def tiny_classifier() -> HemorrhageClassifier:
    """Three layers of a backbone that gets smaller, as of SE-ResNet50, with all the parts of the head."""
    torch.manual_seed(0)
    layers = [("layer1", 3, 8), ("layer2", 8, 16), ("layer3", 16, 32)]
    backbone = nn.Sequential(
        OrderedDict(
            (name, nn.Sequential(nn.Conv2d(wide, out, 3, stride=2, padding=1), nn.BatchNorm2d(out), nn.ReLU()))
            for name, wide, out in layers
        )
    )
    return HemorrhageClassifier(
        backbone, 6, backbone_channels=(8, 16, 32), conv_channels=16, pyramid_channels=8, hidden_features=16,
        standardised=True,
    ).eval()  # fmt: skip


def tiny_mask() -> UNet:
    torch.manual_seed(0)
    return UNet(2, 1, 1, (4, 8), (2,), norm=("instance", {"affine": True})).eval()


def tiny_setup(folder) -> Setup:
    """A setup without a mask in its preprocessing; the mask network is exported all the same."""
    network, mask = tiny_classifier(), tiny_mask()
    save_weights(network, folder / "model.pt")
    save_weights(mask, folder / "mask.pt")
    transform = Compose(
        [
            LoadImaged("image", reader=HeadImageReader),
            EnsureChannelFirstd("image"),
            CropToMaskd("image"),
            Windowd("image"),
            FitSquared("image", SIZE),
            SelectItemsd("image"),
            ScaleIntensityRanged("image", 0, 255, 0, 1),
        ]
    )
    windows = [(40.0, 80.0)] * 3
    return Setup(
        network, folder / "model.pt", BrainMask(mask, folder / "mask.pt"), transform,
        Preprocessing(SIZE, windows, mask=True), "subtype", True, True, 4.0, 0.3,
    )  # fmt: skip


@pytest.fixture(scope="session", name="data")
def tiny_data(tmp_path_factory):
    """Phantom slices with labels, 128 to train and 64 to validate."""
    root = tmp_path_factory.mktemp("data")
    write_phantoms(root, Manifest(patients=48, slices=4, size=64))
    files = sorted((root / "stage_2_train").glob("*.dcm"))
    assert len(files) == 192
    rows = [
        {"image": str(path.relative_to(root)), "label": [0, 0, 0, 0, index % 3 == 0, index % 3 == 0],
         "patient": f"p{index // 4}", "series": f"s{index // 4}", "position": 5.0 * (index % 4)}
        for index, path in enumerate(files)
    ]  # fmt: skip
    content = {"name": "tiny", "source": "phantom", "labels": list(LABELS), "training": rows[:128],
               "validation": rows[128:], "test": []}  # fmt: skip
    write_datalist(root / "datalist.json", content)
    return root


@pytest.fixture(scope="session", name="setup")
def tiny_setup_fixture(tmp_path_factory):
    return tiny_setup(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="session", name="exported")
def tiny_exported(setup, data, tmp_path_factory):
    output = tmp_path_factory.mktemp("exported")
    export_folder(setup, output, data, None, int8=True)
    return output


@pytest.fixture(scope="session", autouse=True, name="own_cache")
def tiny_cache(tmp_path_factory):
    """What a self-test remembers of this machine is no test's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
