"""Maps of the bleed as a second target, which tell the classifier in training where to look."""

import torch
from torch import nn
from torch.nn import functional as F

from bundle.networks.classifier import HemorrhageClassifier


class LesionMaps(nn.Module):
    """Train a classifier together with a map of the bleed, drawn from its feature pyramid.

    Only the training needs the map: the classifier's own weights are what is saved, and it runs without.

    Args:
        classifier: with a pyramid.
        width: channels of the pyramid.
        positive_weight: of a pixel of blood against one without, for most have none.
    """

    lesion_loss: torch.Tensor

    def __init__(self, classifier: HemorrhageClassifier, width: int = 128, positive_weight: float = 10.0) -> None:
        super().__init__()
        self.classifier = classifier
        self.blood = nn.Conv2d(width, 1, kernel_size=1)
        self.positive_weight = positive_weight

    def forward(self, images: torch.Tensor, lesion: torch.Tensor) -> torch.Tensor:
        """Return the classifier's logits [B, C] and keep the map's loss as `lesion_loss`.

        Args:
            images: [B, C, H, W] in [0, 1].
            lesion: part of blood in each pixel, [B, 1, H, W], `bundle.labels.UNKNOWN` (negative) where unknown.
        """
        maps = self.classifier.encode(images)
        blood = self.blood(maps[-1]).float()
        height, width = blood.shape[2:]
        known = F.adaptive_avg_pool2d((lesion >= 0).float(), (height, width)) == 1
        target = F.adaptive_avg_pool2d(lesion.clamp(0, 1), (height, width))
        losses = F.binary_cross_entropy_with_logits(
            blood, target, pos_weight=blood.new_tensor(self.positive_weight), reduction="none"
        )
        self.lesion_loss = (losses * known).sum() / known.sum().clamp(min=1)
        return self.classifier.classify(maps)
