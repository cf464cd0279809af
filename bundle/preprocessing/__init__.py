"""From a slice to the square of grey levels that the network sees, without PyTorch.

`bundle.transforms` has the same steps as transforms of MONAI, over these functions; only the resampling is each
library's own, PyTorch's there and Pillow's here. The functions that take any array work on both.
"""

from bundle.preprocessing.brain import clean_mask, depth_inside, mask_grey
from bundle.preprocessing.contrast import contrasts, mirrored_looks
from bundle.preprocessing.crop import mask_box
from bundle.preprocessing.paper_frame import blacken_paper_frame
from bundle.preprocessing.slabs import find_slabs
from bundle.preprocessing.square import placed_in_square, square_around
from bundle.preprocessing.window import DEFAULT_WINDOWS, Array, normalise, unwindow_hu, window_hu

__all__ = [
    "DEFAULT_WINDOWS",
    "Array",
    "blacken_paper_frame",
    "clean_mask",
    "contrasts",
    "depth_inside",
    "find_slabs",
    "mask_box",
    "mask_grey",
    "mirrored_looks",
    "normalise",
    "placed_in_square",
    "square_around",
    "unwindow_hu",
    "window_hu",
]
