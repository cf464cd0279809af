"""What can be tested without a GPU: which layers MONAI is asked to compile, and what is said where it cannot."""

from pathlib import Path

import pytest
import torch

from bundle.engines import compile_backbone, tensorrt
from bundle.errors import InputError
from tests.export.tiny import tiny_classifier


def test_the_layers_of_the_backbone_are_compiled_and_nothing_else(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(tensorrt, "find_spec", lambda name: name)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(tensorrt, "trt_compile", lambda network, *rest: (asked.append(rest), network)[1])
    network, checkpoint = tiny_classifier(), tmp_path / "model.pt"
    for content, precision in ((b"one", "bf16"), (b"one", "fp16"), (b"other", "fp16")):
        checkpoint.write_bytes(content)
        assert compile_backbone(network, checkpoint, precision) is network
    paths = [Path(path) for path, *_ in asked]
    assert len(set(paths)) == 3 and {path.parent for path in paths} == {tmp_path}, "no engine is taken for another"
    assert not any(path.exists() for path in paths)
    _, arguments, layers = asked[0]
    assert arguments == {"precision": "bf16", "dynamic_batchsize": [1, 32, 64]}
    assert layers == ["features.layer1", "features.layer2", "features.layer3"]


def test_without_tensorrt_there_is_a_sentence(monkeypatch):
    monkeypatch.setattr(tensorrt, "find_spec", lambda name: None if name == "polygraphy" else name)
    with pytest.raises(
        InputError, match="TensorRT needs the packages polygraphy, which are not installed; pip install"
    ):
        compile_backbone(tiny_classifier(), "models/model.pt")


def test_without_a_gpu_there_is_a_sentence(monkeypatch):
    monkeypatch.setattr(tensorrt, "find_spec", lambda name: name)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="TensorRT needs an NVIDIA GPU, and there is none; leave inference_trt"):
        compile_backbone(tiny_classifier(), "models/model.pt")
