"""Networks: the classifier of slices, its clinical branch, VGG16, and how weights get into them and into a file."""

from bundle.networks.calibrated import calibrated_weights
from bundle.networks.classifier import HemorrhageClassifier
from bundle.networks.clinical_branch import ClinicalBranch
from bundle.networks.lesion_maps import LesionMaps
from bundle.networks.pretrained import TransferReport, load_pretrained, read_weights
from bundle.networks.save_weights import save_weights
from bundle.networks.vgg16 import VGG16

__all__ = [
    "VGG16",
    "ClinicalBranch",
    "HemorrhageClassifier",
    "LesionMaps",
    "TransferReport",
    "calibrated_weights",
    "load_pretrained",
    "read_weights",
    "save_weights",
]
