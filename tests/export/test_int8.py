import logging

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnxruntime.quantization.shape_inference import quant_pre_process

from bundle.export.int8 import kept_in_float, quantise
from bundle.export.outputs import ExportedOutputs
from bundle.export.torch_files import write_onnx
from bundle.networks import DoubleReading
from bundle.runtime.classifier import EVIDENCE, FEATURES, INPUT, LOGITS
from tests.export.tiny import SIZE, tiny_classifier


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "classifier.onnx"
    network = ExportedOutputs(tiny_classifier())
    write_onnx(network, torch.zeros(2, 3, SIZE, SIZE), path, INPUT, [LOGITS, FEATURES, EVIDENCE])
    return path


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (64, 3, SIZE, SIZE), dtype=np.uint8)


@pytest.fixture(scope="module")
def graph(written):
    folded = written.with_name("folded.onnx")
    quant_pre_process(written, folded, skip_symbolic_shape=True)
    return onnx.load(folded).graph


def test_prologue_pyramid_evidence_and_head_stay_in_float(graph):
    kept = set(kept_in_float(graph))
    by_op = {op: [node.name in kept for node in graph.node if node.op_type == op] for op in ("Conv", "Gemm", "MatMul")}
    # The backbone's three and the one before pooling are quantised; three into the pyramid, its own and the evidence's
    # are not. Of the fully connected layers, none is.
    assert sorted(by_op["Conv"]) == [False] * 4 + [True] * 5
    assert by_op["Gemm"] + by_op["MatMul"] and all(by_op["Gemm"] + by_op["MatMul"])
    first = next(index for index, node in enumerate(graph.node) if node.op_type == "Conv")
    assert first > 5 and all(node.name in kept for node in list(graph.node)[:first])


@pytest.mark.parametrize("beside", [True, False])
def test_a_network_of_depthwise_convolutions_stays_in_float_beside_another(tmp_path, beside):
    small = tiny_classifier()
    small.features.layer2[0] = torch.nn.Conv2d(8, 16, 3, stride=2, padding=1, groups=8).eval()
    for weight in small.parameters():  # what both have alike would be one in the file
        torch.nn.init.normal_(weight, std=0.1)
    network = DoubleReading(tiny_classifier(), small, temperature=1.5, shift=0.1) if beside else small
    path = tmp_path / "classifier.onnx"
    write_onnx(ExportedOutputs(network), torch.zeros(2, 3, SIZE, SIZE), path, INPUT, [LOGITS, FEATURES, EVIDENCE])
    quant_pre_process(path, path, skip_symbolic_shape=True)
    graph = onnx.load(path).graph
    kept = set(kept_in_float(graph))
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    quantised = [node for node in convolutions if node.name not in kept]
    depthwise = [node for node in convolutions if any(each.name == "group" and each.i == 8 for each in node.attribute)]
    assert (len(convolutions), len(quantised), len(depthwise)) == ((18, 4, 1) if beside else (9, 4, 1))
    assert (depthwise[0] in quantised) is not beside


def test_names_of_nodes_say_nothing(graph):
    renamed = onnx.GraphProto()
    renamed.CopyFrom(graph)
    for index, node in enumerate(renamed.node):
        node.name = f"n{index}"
    kept = [f"n{index}" for index, node in enumerate(graph.node) if node.name in set(kept_in_float(graph))]
    assert kept_in_float(renamed) == kept


def test_int8_is_near_and_its_weights_have_seven_bits(written, images, tmp_path):
    quantise(written, tmp_path / "int8.onnx", images)
    batch = {INPUT: images[:8].astype(np.float32) / 255}
    exact, near = (
        onnxruntime.InferenceSession(path).run([LOGITS], batch)[0] for path in (written, tmp_path / "int8.onnx")
    )
    assert 0 < np.abs(exact - near).max() < 0.1 * np.ptp(exact)
    model = onnx.load(tmp_path / "int8.onnx")
    weights = [onnx.numpy_helper.to_array(each) for each in model.graph.initializer]
    signed = [each for each in weights if each.dtype == np.int8 and each.ndim == 4]
    assert len(signed) == 4 and max(np.abs(each.astype(int)).max() for each in signed) <= 64
    assert {node.op_type for node in model.graph.node} >= {"QuantizeLinear", "DequantizeLinear"}


def test_the_same_file_and_images_give_the_same_bytes(written, images, tmp_path):
    before = logging.getLogger().level
    for name in ("one", "other"):
        quantise(written, tmp_path / name, images)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert logging.getLogger().level == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "other"]
