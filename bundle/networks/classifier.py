"""SE-ResNet50 with a deeper head.

The network of *Prediction of Brain Hemorrhage Using Deep Learning Techniques* (Phatangare & Chakre, 2025): the
convolutional features of SE-ResNet50 (Hu et al., Squeeze-and-Excitation Networks, https://arxiv.org/abs/1709.01507),
a further convolution, and fully connected layers with batch norm and dropout. It differs from the paper in giving out
logits; the softmax stands outside, in the loss and in the postprocessing.
"""

from collections import OrderedDict
from collections.abc import Mapping

import torch
from torch import nn

from bundle.networks.clinical_branch import ClinicalBranch
from bundle.networks.pyramid import FeaturePyramid


class HemorrhageClassifier(nn.Module):
    """Classify a slice: backbone features → 1×1 convolution → pooling → two fully connected layers → logits.

    A small bleed is less than a pixel of the last layer's map. So the fully connected layers also get the mean and the
    maximum of a map of an eighth of the image's size, in which the last three layers are added (`FeaturePyramid`). From
    it an evidence map is computed, which is never negative and whose maximum is added to the logits, with a weight for
    each class: it is highest where the evidence for a bleed is strongest, which is what Grad-CAM at ``evidence`` shows.

    On the CPU the channels-last layout is about twice as fast; weights are kept and images are brought into it here,
    so that no caller has to know.

    Args:
        backbone: an SE network of `monai.networks.nets`, or another whose parts ``layer…`` come before the pooling.
        num_classes: number of logits, one a class of the task (`bundle.labels.CLASSES`).
        backbone_channels: channels that the backbone's last three layers give out.
        conv_channels: channels of the further convolution, which mixes channels alone: a 3×3 convolution of 2048
            channels would have a quarter of all weights, for maps of a few pixels.
        pyramid_channels: of the pyramid of the last three layers, 0 for none.
        hidden_features: width of the fully connected layer before the last.
        dropout: probability of dropout before each fully connected layer.
        clinical: late fusion of clinical features, or None for the image alone.
        standardised: whether images are brought to one brightness and contrast first, see `standardise`.

    Example:
        ``HemorrhageClassifier(SEResNet50(spatial_dims=2, in_channels=3, num_classes=1), num_classes=6)`` maps
        [B, 3, 256, 256] float32 in [0, 1] to [B, 6] logits.
    """

    __jit_unused_properties__ = ("penultimate",)  # no type that TorchScript knows

    def __init__(
        self,
        backbone: nn.Module,
        num_classes: int,
        backbone_channels: tuple[int, int, int] = (512, 1024, 2048),
        conv_channels: int = 256,
        pyramid_channels: int = 128,
        hidden_features: int = 256,
        dropout: float = 0.3,
        clinical: ClinicalBranch | None = None,
        standardised: bool = False,
    ) -> None:
        super().__init__()
        self.standardised = standardised
        self.features = nn.Sequential(
            OrderedDict((name, layer) for name, layer in backbone.named_children() if name.startswith("layer"))
        )
        self.conv = nn.Sequential(
            nn.Conv2d(backbone_channels[-1], conv_channels, kernel_size=1, bias=False),
            nn.BatchNorm2d(conv_channels),
            nn.ReLU(),
        )
        self.pyramid = FeaturePyramid(backbone_channels, pyramid_channels) if pyramid_channels else None
        self.evidence = nn.Sequential(nn.Conv2d(pyramid_channels, 1, 1), nn.Softplus()) if pyramid_channels else None
        self.votes = nn.Parameter(torch.ones(num_classes)) if pyramid_channels else None
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(conv_channels + 2 * pyramid_channels, hidden_features, bias=False),
            nn.BatchNorm1d(hidden_features),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden_features, num_classes),
        )
        self.clinical = clinical
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @property
    def penultimate(self) -> nn.Module:
        """The layer that takes the features of the image; a clinical branch has another, which adds to its logits."""
        return self.head[-1]

    def forward(self, images: torch.Tensor, clinical: torch.Tensor | None = None) -> torch.Tensor:
        """Return logits [B, num_classes] of `images` [B, C, H, W] and, with a clinical branch, of features [B, F]."""
        return self.classify(self.encode(images), clinical)

    def encode(self, images: torch.Tensor) -> list[torch.Tensor]:
        """Return the maps that are pooled: of the convolution, at 1/32 of the size, and of the pyramid, at 1/8."""
        if self.standardised:
            images = standardise(images)
        layers = [images.contiguous(memory_format=torch.channels_last)]
        for layer in self.features:
            layers.append(layer(layers[-1]))
        maps = [self.conv(layers[-1])]
        if self.pyramid is not None:
            maps.append(self.pyramid(layers[-3], layers[-2], layers[-1]))
        return maps

    def classify(
        self, maps: list[torch.Tensor], clinical: torch.Tensor | None = None, evidence: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Return logits [B, num_classes].

        Args:
            maps: that `encode` gives.
            clinical: features [B, F] of a classifier with a clinical branch.
            evidence: that `draw` gives of the maps, where the caller has it already.
        """
        pooled = [self.pool(maps[0])]
        for each in maps[1:]:
            pooled.extend([self.pool(each), each.amax((2, 3), keepdim=True)])
        logits = self.head(torch.cat(pooled, 1))
        if self.votes is not None:
            drawn = self.draw(maps) if evidence is None else evidence
            logits = logits + drawn.amax((2, 3)) * self.votes
        if self.clinical is not None and clinical is not None:
            logits = logits + self.clinical(clinical)
        return logits

    def evidence_logits(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Return the map of evidence before it is made positive, [B, 1, H/8, W/8], of the maps that `encode` gives.

        Raises:
            ValueError: when there is no pyramid to draw it from.
        """
        if self.evidence is None:
            raise ValueError("the evidence is drawn from the pyramid, and this classifier has none")
        return self.evidence[0](maps[-1])

    def draw(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Return the map of evidence, never negative, [B, 1, H/8, W/8], of the maps that `encode` gives.

        Raises:
            ValueError: when there is no pyramid to draw it from.
        """
        if self.evidence is None:
            raise ValueError("the evidence is drawn from the pyramid, and this classifier has none")
        return self.evidence(maps[-1])

    def evidence_map(self, images: torch.Tensor) -> torch.Tensor:
        """Return the map of evidence of images [B, C, H, W], [B, 1, H/8, W/8], never negative.

        Raises:
            ValueError: when there is no pyramid to draw it from.
        """
        return self.draw(self.encode(images))

    @staticmethod
    def last_tensors(state: Mapping[str, torch.Tensor]) -> tuple[str, str, str]:
        """Return the names of the tensors in which the logits are linear: weight and bias of the last layer, and votes.

        Args:
            state: a state dict of this network, with a pyramid.

        Raises:
            ValueError: when it is of another network, or has a clinical branch, which adds to the logits.
        """
        head = [name for name in state if name.startswith("head.")]
        if not head or "votes" not in state or any(name.startswith("clinical.") for name in state):
            raise ValueError("the logits are not linear in the last layer and the votes")
        weight, bias = head[-2:]
        return weight, bias, "votes"


def standardise(images: torch.Tensor) -> torch.Tensor:
    """Bring the tissue of each channel to mean 0 and standard deviation 1, and what is black to 0.

    A slice then looks the same through whatever window it was exported, up to what the window clipped. Tissue is what
    is neither black nor white; a channel without any is only shifted.

    Args:
        images: [B, C, H, W] in [0, 1].
    """
    tissue = ((images > 0.02) & (images < 0.98)).to(images.dtype)
    count = tissue.sum((2, 3), keepdim=True).clamp(min=1)
    mean = (images * tissue).sum((2, 3), keepdim=True) / count
    variance = ((images - mean) ** 2 * tissue).sum((2, 3), keepdim=True) / count
    return (images - mean) / (variance + 1e-4).sqrt() * (images > 0)
