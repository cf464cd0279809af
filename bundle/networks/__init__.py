"""Networks: the classifier of slices, its clinical branch, VGG16, and how weights get into them."""

from bundle.networks.calibrated import calibrated_weights
from bundle.networks.classifier import HemorrhageClassifier
from bundle.networks.clinical_branch import ClinicalBranch
from bundle.networks.lesion_maps import LesionMaps
from bundle.networks.load_state import load_state
from bundle.networks.pretrained import TransferReport, load_pretrained
from bundle.networks.vgg16 import VGG16

__all__ = [
    "VGG16",
    "ClinicalBranch",
    "HemorrhageClassifier",
    "LesionMaps",
    "TransferReport",
    "calibrated_weights",
    "load_pretrained",
    "load_state",
]
