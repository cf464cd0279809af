"""The layers of the backbone by TensorRT, on an NVIDIA GPU."""

from importlib.util import find_spec
from pathlib import Path

import torch
from monai.networks import trt_compile

from bundle.errors import InputError
from bundle.files import file_sha256
from bundle.networks import HemorrhageClassifier

PACKAGES = ("tensorrt", "polygraphy", "onnx", "cuda")
BATCHES = (1, 32, 64)
"""Images of a batch: the fewest, the usual number, and the most."""


def compile_backbone(network: HemorrhageClassifier, checkpoint: Path | str, precision: str = "fp16") -> torch.nn.Module:
    """Return the classifier, of which TensorRT is to compute the backbone's layers, see `monai.networks.trt_compile`.

    The engines are built at the first batch, when the weights have been loaded, which takes minutes, and are kept
    beside the checkpoint, under names that hold its hash and the precision; of another checkpoint or precision they are
    built anew. Head and evidence stay PyTorch's, so that features and heat maps are there. MONAI's function leaves a
    network as it is where TensorRT is missing; this one refuses.

    Args:
        network: on the GPU.
        checkpoint: of its weights.
        precision: "fp32", "tf32", "fp16" or "bf16".

    Raises:
        InputError: when a package is missing, or there is no GPU.
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        remedy = "pip install tensorrt polygraphy cuda-python onnx, or leave inference_trt.json out"
        raise InputError(f"TensorRT needs the packages {', '.join(missing)}, which are not installed", remedy)
    if not torch.cuda.is_available():
        raise InputError("TensorRT needs an NVIDIA GPU, and there is none", "leave inference_trt.json out")
    layers = [f"features.{name}" for name, _ in network.features.named_children()]
    arguments = {"precision": precision, "dynamic_batchsize": list(BATCHES)}
    # MONAI looks at the times of the files alone, and another checkpoint may have the older one.
    base = Path(checkpoint).with_suffix(f".{file_sha256(checkpoint)[:12]}.{precision}")
    return trt_compile(network, str(base), arguments, layers)
