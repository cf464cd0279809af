"""The bundle as one zip archive, as the MONAI Model Zoo takes it."""

from bundle.packaging.archive import write_archive
from bundle.packaging.large_files import LARGE_FILES, LargeFile
from bundle.packaging.layout import find_files
from bundle.packaging.metadata import check_metadata
from bundle.packaging.package import NAME, WEIGHTS, Package, build_package

__all__ = [
    "LARGE_FILES",
    "NAME",
    "WEIGHTS",
    "LargeFile",
    "Package",
    "build_package",
    "check_metadata",
    "find_files",
    "write_archive",
]
