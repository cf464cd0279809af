"""The training of the brain mask's U-Net: samples of phantoms and of real slices, and their augmentation.

The masks of phantoms are known; those of real slices are made by a classical algorithm, and dropped where the network
contradicts them.
"""

from bundle.brain_mask_training.drop_contradicted import DropContradicted
from bundle.brain_mask_training.phantom_slices import phantom_samples
from bundle.brain_mask_training.rand_ct_window import RandCTWindowd
from bundle.brain_mask_training.rand_extra_axial_bleed import RandExtraAxialBleedd
from bundle.brain_mask_training.rand_tissue_contrast import RandTissueContrastd
from bundle.brain_mask_training.real_slices import real_samples
from bundle.brain_mask_training.sample import Sample

__all__ = [
    "DropContradicted",
    "RandCTWindowd",
    "RandExtraAxialBleedd",
    "RandTissueContrastd",
    "Sample",
    "phantom_samples",
    "real_samples",
]
