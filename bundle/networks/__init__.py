"""Networks: the classifier of slices, a small backbone and a clinical branch for it, two that read together, VGG16.

And how weights get into them.
"""

from bundle.networks.calibrated import calibrated_weights
from bundle.networks.classifier import HemorrhageClassifier
from bundle.networks.clinical_branch import ClinicalBranch
from bundle.networks.dead_channels import without_dead_channels
from bundle.networks.double_reading import DoubleReading, with_second_reader
from bundle.networks.efficientnet_lite import EfficientNetLite0
from bundle.networks.lesion_maps import LesionMaps
from bundle.networks.load_state import load_state, not_finite
from bundle.networks.pretrained import TransferReport, load_pretrained
from bundle.networks.task_check import for_task
from bundle.networks.vgg16 import VGG16

__all__ = [
    "VGG16",
    "ClinicalBranch",
    "DoubleReading",
    "EfficientNetLite0",
    "HemorrhageClassifier",
    "LesionMaps",
    "TransferReport",
    "calibrated_weights",
    "for_task",
    "load_pretrained",
    "load_state",
    "not_finite",
    "with_second_reader",
    "without_dead_channels",
]
