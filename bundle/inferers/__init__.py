"""Inferers beside MONAI's own."""

from bundle.inferers.cpu_bfloat16 import CpuBFloat16Inferer

__all__ = ["CpuBFloat16Inferer"]
