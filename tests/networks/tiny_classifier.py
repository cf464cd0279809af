"""The classifier with so small a backbone that it trains in a second."""

from collections import OrderedDict

from torch import nn

from bundle.networks import ClinicalBranch, HemorrhageClassifier


def tiny_classifier(
    clinical: ClinicalBranch | None = None, num_classes: int = 2, pyramid_channels: int = 0
) -> HemorrhageClassifier:
    convolution = nn.Conv2d(3, 8, 3, stride=2, padding=1)
    backbone = nn.Sequential(OrderedDict(layer0=convolution, layer1=nn.ReLU(), layer2=nn.ReLU()))
    return HemorrhageClassifier(
        backbone, num_classes, backbone_channels=(8, 8, 8), conv_channels=8, pyramid_channels=pyramid_channels,
        hidden_features=8, dropout=0.0, clinical=clinical,
    )  # fmt: skip
