"""Static quantisation of a classifier to int8 that keeps its calls.

ONNX Runtime's QDQ format, calibrated by MinMax, weights per channel. The weights have seven bits instead of eight
(``reduce_range``): on x86 processors without VNNI two products of eight bits overflow in the sum of sixteen bits
(https://github.com/microsoft/onnxruntime/issues/6004), so that a file of eight bits flips calls on one machine that it
keeps on another.
"""

import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from bundle.runtime.classifier import INPUT

QUANTISED = ("Conv", "MatMul", "Gemm", "Add", "Relu", "MaxPool")
"""Op types; the sigmoid, the product and the pooling of squeeze-and-excitation stay in floating point."""
_BATCH = 16


def quantise(source: Path, target: Path, images: np.ndarray) -> None:
    """Write the int8 form of an ONNX classifier.

    Args:
        source: in float32.
        target: the file to write.
        images: [N, C, S, S] uint8 of the calibration.
    """
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.ERROR)  # ONNX Runtime writes advice for other models to the root logger
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            folded = Path(scratch) / "folded.onnx"
            quant_pre_process(source, folded, skip_symbolic_shape=True)
            quantize_static(
                folded,
                target,
                _Calibration(images),
                quant_format=QuantFormat.QDQ,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                per_channel=True,
                reduce_range=True,
                calibrate_method=CalibrationMethod.MinMax,
                op_types_to_quantize=list(QUANTISED),
                nodes_to_exclude=kept_in_float(onnx.load(folded).graph),
            )
    finally:
        root.setLevel(before)


def kept_in_float(graph: onnx.GraphProto) -> list[str]:
    """Return the names of the nodes that stay in floating point, found by their ops.

    They are what comes before the first convolution (the standardised brightness), the pyramid (what is resized, the
    convolutions that lead into it, and all that follows it: the evidence), and the head (the fully connected layers
    with no convolution after them, and all that follows them). An error there is an error of the answer. So does a
    network of depthwise convolutions that reads beside another (`bundle.networks.DoubleReading`): they lose most in
    int8 (Sheng et al., 2018, https://arxiv.org/abs/1803.08607), and it is the smaller part of the work.
    """
    nodes = list(graph.node)
    users: dict[str, list[int]] = {}
    makers: dict[str, list[int]] = {}
    for index, node in enumerate(nodes):
        for name in node.input:
            users.setdefault(name, []).append(index)
        for name in node.output:
            makers[name] = [index]

    def reached(starts: Iterable[int], step: Callable[[int], list[int]]) -> set[int]:
        """Return the nodes and all that are reached from them by steps."""
        found: set[int] = set()
        left = list(starts)
        while left:
            index = left.pop()
            if index not in found:
                found.add(index)
                left += step(index)
        return found

    def following(starts: Iterable[int]) -> set[int]:
        """Return the nodes and all that depend on them."""
        return reached(starts, lambda index: [user for name in nodes[index].output for user in users.get(name, [])])

    def preceding(starts: Iterable[int]) -> set[int]:
        """Return the nodes and all that they depend on."""
        return reached(starts, lambda index: [maker for name in nodes[index].input for maker in makers.get(name, [])])

    convolutions = {index for index, node in enumerate(nodes) if node.op_type == "Conv"}
    pyramid = following(index for index, node in enumerate(nodes) if node.op_type == "Resize")
    into_pyramid = {
        index for index in convolutions if any(user in pyramid for name in nodes[index].output for user in users[name])
    }
    connected = (index for index, node in enumerate(nodes) if node.op_type in ("Gemm", "MatMul"))
    head = following(index for index in connected if not convolutions & following([index]))
    before = set(range(len(nodes))) - following(convolutions)
    to_depthwise = preceding(index for index in convolutions if _groups(nodes[index]) > 1)
    second = to_depthwise | following(to_depthwise & convolutions)
    if convolutions <= second:  # it reads alone
        second = set()
    return [nodes[index].name for index in sorted(before | pyramid | into_pyramid | head | second)]


def _groups(convolution: onnx.NodeProto) -> int:
    return next((each.i for each in convolution.attribute if each.name == "group"), 1)


class _Calibration(CalibrationDataReader):
    """The images of the calibration in batches, as ONNX Runtime asks for them."""

    def __init__(self, images: np.ndarray) -> None:
        self._batches = self._all(images)

    @staticmethod
    def _all(images: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
        for start in range(0, len(images), _BATCH):
            yield {INPUT: images[start : start + _BATCH].astype(np.float32) / np.float32(255)}

    def get_next(self) -> dict[str, np.ndarray] | None:
        """Return the next batch, or None after the last."""
        return next(self._batches, None)
