"""A trained classifier → files that run without PyTorch, compared with it, calibrated, and described."""

from bundle.export.folder import export_folder
from bundle.export.setup import Setup, read_setup

__all__ = ["Setup", "export_folder", "read_setup"]
