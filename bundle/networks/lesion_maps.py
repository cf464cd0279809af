"""Maps of the bleed as a second target, which tell the classifier in training where to look."""

import torch
from torch import nn
from torch.nn import functional as F

from bundle.networks.classifier import HemorrhageClassifier


class LesionMaps(nn.Module):
    """Train a classifier together with a map of the bleed, drawn from its layers 2 to 4 at an eighth of the size.

    The layers are brought to one width, enlarged and added (a feature pyramid; Lin et al.,
    https://arxiv.org/abs/1612.03144). Only the training needs them: the classifier's own weights are what is saved,
    and it runs without.

    Args:
        classifier: trained with the maps.
        channels: of layers 2 to 4.
        width: channels of the sum.
        positive_weight: of a pixel of blood against one without, for most have none.
    """

    lesion_loss: torch.Tensor

    def __init__(
        self,
        classifier: HemorrhageClassifier,
        channels: tuple[int, int, int] = (512, 1024, 2048),
        width: int = 64,
        positive_weight: float = 4.0,
    ) -> None:
        super().__init__()
        self.classifier = classifier
        self.positive_weight = positive_weight
        self.lateral = nn.ModuleList(nn.Conv2d(each, width, kernel_size=1) for each in channels)
        self.blood = nn.Sequential(
            nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, width, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, 1, kernel_size=1),
        )  # fmt: skip

    def forward(self, images: torch.Tensor, lesion: torch.Tensor) -> torch.Tensor:
        """Return the classifier's logits [B, C] and keep the maps' loss as `lesion_loss`.

        Args:
            images: [B, C, H, W] in [0, 1].
            lesion: part of blood in each pixel, [B, 1, H, W], `bundle.labels.UNKNOWN` (negative) where unknown.
        """
        layers = self.classifier.encode(images)
        height, width = size = layers[2].shape[2:]
        total = sum(
            F.interpolate(lateral(layer), size, mode="bilinear") if layer.shape[2:] != size else lateral(layer)
            for lateral, layer in zip(self.lateral, layers[2:], strict=True)
        )
        maps = self.blood(total).float()
        known = F.adaptive_avg_pool2d((lesion >= 0).float(), (height, width)) == 1
        target = F.adaptive_avg_pool2d(lesion.clamp(0, 1), (height, width))
        losses = F.binary_cross_entropy_with_logits(
            maps, target, pos_weight=maps.new_tensor(self.positive_weight), reduction="none"
        )
        self.lesion_loss = (losses * known).sum() / known.sum().clamp(min=1)
        return self.classifier.classify(layers[-1])
