import json

import pytest
import torch

from bundle.errors import InputError
from bundle.explain import heat_maps
from bundle.export.outputs import ExportedOutputs
from bundle.files import SecondReader, find_second_reader, model_name, model_sha256, write_second_reader
from bundle.files.digest import file_sha256
from bundle.files.second_reader import second_reader_path
from bundle.networks import ClinicalBranch, DoubleReading, EfficientNetLite0, HemorrhageClassifier, with_second_reader
from bundle.networks.penultimate import PenultimateFeatures
from tests.networks.tiny_classifier import tiny_classifier

IMAGES = torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def readers():
    torch.manual_seed(0)
    return [tiny_classifier(num_classes=6, pyramid_channels=4).eval() for _ in range(2)]


def lite0(seed):
    torch.manual_seed(seed)
    return HemorrhageClassifier(EfficientNetLite0(), 6, backbone_channels=(40, 112, 1280)).eval()


@pytest.fixture
def files(tmp_path):
    for seed, name in enumerate(("model.pt", "edge.pt")):
        torch.save(lite0(seed).state_dict(), tmp_path / name)
    write_second_reader(tmp_path / "model.pt", SecondReader("edge.pt", 1.5, -0.25))
    return tmp_path


@torch.no_grad()
def test_logits_are_added_and_calibrated(readers):
    logits = DoubleReading(*readers, temperature=2.0, shift=0.5)(IMAGES)
    wanted = sum(network(IMAGES) for network in readers) / 2
    wanted[:, 0] += 0.5
    torch.testing.assert_close(logits, wanted)


@torch.no_grad()
def test_the_features_are_those_of_the_first_and_the_evidence_that_of_both(readers):
    both = DoubleReading(*readers, temperature=2.0, shift=0.5).eval()
    with PenultimateFeatures(readers[0]) as collected:
        readers[0](IMAGES)
        alone = collected.take(3)
    with PenultimateFeatures(both) as collected:
        both(IMAGES)
        torch.testing.assert_close(collected.take(3), alone)
    evidence = sum(network.evidence_map(IMAGES) for network in readers)
    torch.testing.assert_close(both.evidence_map(IMAGES), evidence)
    logits, features, drawn = ExportedOutputs(both)(IMAGES)
    torch.testing.assert_close(logits, both(IMAGES))
    torch.testing.assert_close(features, alone)
    torch.testing.assert_close(drawn, evidence)


def test_grad_cam_weighs_the_maps_by_what_they_add_to_the_class(readers):
    first, second = readers
    with torch.no_grad():
        first.votes.fill_(0)
        second.votes.fill_(1)
    both = DoubleReading(first, second, temperature=2.0, shift=0.0).eval()
    heat, of_second = (heat_maps(network, IMAGES, [1, 2, 3], "evidence") for network in (both, second))
    torch.testing.assert_close(torch.from_numpy(heat), torch.from_numpy(of_second), atol=1e-5, rtol=0)


def test_a_clinical_branch_of_the_first_is_kept(readers):
    torch.manual_seed(1)
    branch = ClinicalBranch(["age"], [], 6)
    first = tiny_classifier(branch, num_classes=6, pyramid_channels=4).eval()
    torch.nn.init.ones_(next(each for each in branch.modules() if isinstance(each, torch.nn.Linear)).weight)
    both = DoubleReading(first, readers[1], temperature=1.0, shift=0.0)
    clinical = torch.ones(3, 1)
    with torch.no_grad():
        torch.testing.assert_close(both(IMAGES, clinical), first(IMAGES, clinical) + readers[1](IMAGES))


def test_both_draw_evidence(readers):
    with pytest.raises(ValueError, match="pyramid"):
        DoubleReading(tiny_classifier(num_classes=6), readers[1], 1.0, 0.0)


@torch.no_grad()
def test_the_file_beside_a_checkpoint_makes_two_read(files):
    first, second = lite0(0), lite0(1)
    network = with_second_reader(first, files / "model.pt")
    torch.testing.assert_close(network(IMAGES), DoubleReading(first, second, 1.5, -0.25)(IMAGES))
    assert with_second_reader(second, files / "edge.pt") is second
    assert model_name(files / "model.pt") == "model.pt and edge.pt"


def test_what_is_fitted_on_one_is_not_of_both(files):
    of_both, path = model_sha256(files / "model.pt"), second_reader_path(files / "model.pt")
    assert of_both == file_sha256(path) != file_sha256(files / "model.pt")
    path.unlink()
    assert model_sha256(files / "model.pt") == file_sha256(files / "model.pt")


def test_another_checkpoint_in_its_place_reads_alone(readers, files):
    torch.save(tiny_classifier(num_classes=6, pyramid_channels=4).state_dict(), files / "model.pt")
    assert with_second_reader(readers[0], files / "model.pt") is readers[0]
    assert model_sha256(files / "model.pt") == file_sha256(files / "model.pt")
    assert model_name(files / "model.pt") == "model.pt"


def test_a_checkpoint_that_is_missing_is_left_to_who_loads_it(readers, files):
    (files / "model.pt").unlink()
    assert with_second_reader(readers[0], files / "model.pt") is readers[0]


def test_a_second_reader_that_is_missing_or_another_is_an_error(readers, files):
    torch.save(tiny_classifier(num_classes=6, pyramid_channels=4).state_dict(), files / "edge.pt")
    with pytest.raises(InputError, match=r"is of another edge\.pt.*reads alone, or write it anew"):
        with_second_reader(readers[0], files / "model.pt")
    (files / "edge.pt").unlink()
    with pytest.raises(InputError, match=r"edge\.pt.*does not exist, and is to read with model\.pt"):
        with_second_reader(readers[0], files / "model.pt")


def test_a_network_that_draws_no_evidence_is_left_to_who_loads_its_weights(files):
    network = tiny_classifier(num_classes=6)
    assert with_second_reader(network, files / "model.pt") is network


@pytest.mark.parametrize(
    "broken",
    [
        "{",
        "[]",
        "{}",
        {"checkpoint": "../edge.pt"},
        {"temperature": 0},
        {"temperature": "warm"},
        {"temperature": float("nan")},
        {"shift": None},
        {"sha256": []},
    ],
)
def test_a_broken_file_is_an_error(files, broken):
    path = second_reader_path(files / "model.pt")
    path.write_text(broken if isinstance(broken, str) else json.dumps({**json.loads(path.read_text()), **broken}))
    with pytest.raises(InputError, match="names no second reader"):
        find_second_reader(files / "model.pt")
