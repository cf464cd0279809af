"""Exported files → probabilities; neither PyTorch nor MONAI is imported here."""

from bundle.runtime.export_file import Calibration, Export, read_export
from bundle.runtime.runtime import AUTO, Runtime, Scored

__all__ = ["AUTO", "Calibration", "Export", "Runtime", "Scored", "read_export"]
