"""PyTorch modules → ONNX and TorchScript files, the same bytes from the same module."""

import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
from torch import nn

OPSET = 18


def write_onnx(module: nn.Module, example: torch.Tensor, path: Path, inputs: str, outputs: Sequence[str]) -> None:
    """Write a module as ONNX, whose inputs and outputs have a first axis of any length.

    Args:
        module: in evaluation mode, of one input.
        example: an input, [B, ...].
        path: of the file.
        inputs: name of the input.
        outputs: names of the outputs.
    """
    with warnings.catch_warnings():
        # The exporter by tracing: the other one writes paths of this machine into the file, and takes ten times as
        # long. It warns of itself, and of the instance norm of the mask network, which never uses running statistics.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            (example,),
            str(path),
            input_names=[inputs],
            output_names=list(outputs),
            opset_version=OPSET,
            dynamic_axes={name: {0: "batch"} for name in (inputs, *outputs)},
            dynamo=False,
        )
    module.eval()  # the exporter leaves the mode that it found in each part, not in the whole
    model = onnx.load(path)
    for node in model.graph.node:
        node.ClearField("doc_string")
        node.ClearField("metadata_props")
    onnx.save(model, path)


def write_torchscript(module: nn.Module, example: torch.Tensor, path: Path) -> None:
    """Write a module as TorchScript, traced.

    Args:
        module: in evaluation mode, of one input.
        example: an input, [B, ...].
        path: of the file.
    """
    with torch.inference_mode(), warnings.catch_warnings():
        # Of TorchScript's deprecation, and of sizes that become constants: images have one size.
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(module.eval(), example, check_trace=False)
    torch.jit.save(traced, str(path))
    _without_debug_records(path)


def _without_debug_records(path: Path) -> None:
    """Take the records out of a TorchScript archive that name source files of this machine, and serve tracebacks."""
    with zipfile.ZipFile(path) as archive:
        kept = [(each, archive.read(each)) for each in archive.infolist() if not each.filename.endswith(".debug_pkl")]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for each, content in kept:
            archive.writestr(zipfile.ZipInfo(each.filename), content)
