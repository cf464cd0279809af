"""Networks: the classifier of slices, VGG16 beside it, and how pretrained weights get into them."""

from bundle.networks.classifier import HemorrhageClassifier
from bundle.networks.pretrained import TransferReport, load_pretrained, read_weights
from bundle.networks.vgg16 import VGG16

__all__ = ["VGG16", "HemorrhageClassifier", "TransferReport", "load_pretrained", "read_weights"]
