"""Files and folders on the disk: whole or not there, and known by their content."""

from bundle.files.folders import writable_folder

__all__ = ["writable_folder"]
