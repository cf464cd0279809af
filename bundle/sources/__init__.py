"""One module a dataset convention: each turns a folder into rows of the datalist."""

from bundle.sources.cq500 import read_cq500
from bundle.sources.ct_ich import read_ct_ich
from bundle.sources.heads import read_heads
from bundle.sources.image_folder import read_image_folder
from bundle.sources.mask_labels import MIN_AREA
from bundle.sources.prepared import read_prepared
from bundle.sources.rsna import read_rsna
from bundle.sources.segmentation_masks import read_segmentation_masks
from bundle.sources.table import read_table

__all__ = [
    "MIN_AREA",
    "read_cq500",
    "read_ct_ich",
    "read_heads",
    "read_image_folder",
    "read_prepared",
    "read_rsna",
    "read_segmentation_masks",
    "read_table",
]
