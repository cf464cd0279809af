"""What the brain mask's U-Net is trained on: phantoms, and real slices with a teacher's masks."""

from bundle.brain_mask_training.drop_contradicted import DropContradicted
from bundle.brain_mask_training.phantom_slices import phantom_samples
from bundle.brain_mask_training.real_slices import real_samples
from bundle.brain_mask_training.sample import Sample

__all__ = ["DropContradicted", "Sample", "phantom_samples", "real_samples"]
