import subprocess
import sys
import zipfile

import numpy as np
import onnxruntime
import pytest
import torch

from bundle.export.outputs import ExportedOutputs
from bundle.export.torch_files import write_onnx, write_torchscript
from bundle.networks.penultimate import PenultimateFeatures
from bundle.runtime.classifier import EVIDENCE, FEATURES, INPUT, LOGITS
from tests.conftest import ROOT
from tests.export.tiny import SIZE, tiny_classifier
from tests.networks.tiny_classifier import tiny_classifier as without_pyramid

NAMES = [LOGITS, FEATURES, EVIDENCE]


@pytest.fixture(scope="module")
def network():
    return tiny_classifier()


@pytest.fixture
def written(network, tmp_path):
    path = tmp_path / "classifier.onnx"
    write_onnx(ExportedOutputs(network), torch.zeros(2, 3, SIZE, SIZE), path, INPUT, NAMES)
    return path


@pytest.mark.parametrize("count", [1, 2, 5])
def test_an_onnx_file_gives_logits_features_and_evidence_of_any_number_of_images(network, written, count):
    images = torch.rand(count, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(count))
    with torch.inference_mode(), PenultimateFeatures(network) as features:
        logits = network(images)
        evidence = network.evidence(network.encode(images)[-1])
        expected = (logits, features.take(count), evidence)
    found = onnxruntime.InferenceSession(written).run(NAMES, {INPUT: images.numpy()})
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other.numpy(), atol=1e-5)


def test_torchscript_gives_the_same(network, tmp_path):
    outputs, images = ExportedOutputs(network), torch.rand(3, 3, SIZE, SIZE)
    write_torchscript(outputs, images[:2], tmp_path / "classifier.ts")
    with torch.inference_mode():
        for one, other in zip(torch.jit.load(tmp_path / "classifier.ts")(images), outputs(images), strict=True):
            assert torch.allclose(one, other, atol=1e-6)


def test_the_same_network_gives_the_same_bytes_and_nothing_of_this_machine(network, written, tmp_path):
    write_onnx(ExportedOutputs(network), torch.zeros(2, 3, SIZE, SIZE), tmp_path / "again.onnx", INPUT, NAMES)
    assert (tmp_path / "again.onnx").read_bytes() == written.read_bytes()
    assert str(ROOT).encode() not in written.read_bytes()


def test_torchscript_has_the_same_bytes_in_every_process(tmp_path):
    """Within one process PyTorch numbers the types of all that it has traced so far."""
    code = (
        "import sys, torch; from pathlib import Path; from bundle.export.outputs import ExportedOutputs\n"
        "from bundle.export.torch_files import write_torchscript; from tests.export.tiny import tiny_classifier\n"
        f"write_torchscript(ExportedOutputs(tiny_classifier()), torch.zeros(2, 3, {SIZE}, {SIZE}), Path(sys.argv[1]))"
    )
    files = [tmp_path / folder / "classifier.ts" for folder in ("one", "other")]
    for file in files:
        file.parent.mkdir()
        subprocess.run([sys.executable, "-W", "ignore", "-c", code, file], cwd=ROOT, check=True, capture_output=True)
    one, other = (file.read_bytes() for file in files)
    assert one == other
    with zipfile.ZipFile(files[0]) as archive:
        assert not any(str(ROOT).encode() in archive.read(name) for name in archive.namelist())


def test_a_network_without_a_pyramid_has_no_evidence():
    outputs = ExportedOutputs(without_pyramid())
    assert not outputs.has_evidence
    assert [len(each) for each in outputs(torch.zeros(2, 3, SIZE, SIZE))] == [2, 2]


def test_no_hook_stays_behind(network):
    outputs = ExportedOutputs(network)
    with torch.inference_mode():
        outputs(torch.zeros(1, 3, SIZE, SIZE))
    assert not any(each._forward_hooks or each._forward_pre_hooks for each in network.modules())
