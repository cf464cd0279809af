"""Networks: the classifier of slices, and how pretrained weights get into it."""

from bundle.networks.classifier import HemorrhageClassifier
from bundle.networks.pretrained import TransferReport, load_pretrained, read_weights

__all__ = ["HemorrhageClassifier", "TransferReport", "load_pretrained", "read_weights"]
