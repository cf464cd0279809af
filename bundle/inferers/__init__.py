"""Inferers beside MONAI's own."""

from bundle.inferers.cpu_bfloat16 import CpuBFloat16Inferer
from bundle.inferers.mirrored import MirroredInferer

__all__ = ["CpuBFloat16Inferer", "MirroredInferer"]
