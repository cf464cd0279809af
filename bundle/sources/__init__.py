"""One module a dataset convention: each turns a folder into rows of the datalist."""

from bundle.sources.image_folder import read_image_folder
from bundle.sources.rsna import read_rsna

__all__ = ["read_image_folder", "read_rsna"]
