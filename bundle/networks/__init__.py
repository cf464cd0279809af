"""Networks: the classifier of slices, its clinical branch, and how pretrained weights get into it."""

from bundle.networks.classifier import HemorrhageClassifier
from bundle.networks.clinical_branch import ClinicalBranch
from bundle.networks.pretrained import TransferReport, load_pretrained, read_weights

__all__ = ["ClinicalBranch", "HemorrhageClassifier", "TransferReport", "load_pretrained", "read_weights"]
