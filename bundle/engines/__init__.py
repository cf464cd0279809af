"""What MONAI's engines are given besides networks, losses and handlers: batches, inferers and the learning rate."""

from bundle.engines.cosine_annealing import CosineAnnealing
from bundle.engines.cpu_bfloat16 import CpuBFloat16Inferer
from bundle.engines.mirrored import MirroredInferer
from bundle.engines.prepare_unit_range import PrepareUnitRange
from bundle.engines.tensorrt import compile_backbone

__all__ = ["CosineAnnealing", "CpuBFloat16Inferer", "MirroredInferer", "PrepareUnitRange", "compile_backbone"]
