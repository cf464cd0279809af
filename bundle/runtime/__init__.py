"""Exported files → probabilities; neither PyTorch nor MONAI is imported here."""

from bundle.runtime.export_file import Calibration, Export, read_export
from bundle.runtime.opened import AUTO, open_classifier
from bundle.runtime.runtime import Runtime, Scored

__all__ = ["AUTO", "Calibration", "Export", "Runtime", "Scored", "open_classifier", "read_export"]
