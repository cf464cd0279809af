"""Maps of the bleed as a second training target, from which the classifier learns where bleeds are."""

import ignite.distributed as idist
import torch
from torch import nn
from torch.nn import functional as F

from bundle.losses.weighted_mean import weighted_mean
from bundle.networks.classifier import HemorrhageClassifier


class LesionMaps(nn.Module):
    """Train a classifier such that its evidence map shows the bleed.

    Only the training needs this: the classifier's own weights are what is saved, and it runs without.

    Args:
        classifier: with a pyramid.
        positive_weight: of a pixel of blood against one without, for most have none.

    Raises:
        ValueError: when the classifier has no pyramid.
    """

    lesion_loss: torch.Tensor

    def __init__(self, classifier: HemorrhageClassifier, positive_weight: float = 10.0) -> None:
        super().__init__()
        self.classifier = classifier
        if classifier.evidence is None:
            raise ValueError("the map of the bleed is the classifier's map of evidence, and this one draws none")
        self.positive_weight = positive_weight

    def forward(
        self, images: torch.Tensor, clinical: torch.Tensor | None = None, lesion: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Return the classifier's logits [B, C] and keep the map's loss as `lesion_loss`.

        Args:
            images: [B, C, H, W] in [0, 1].
            clinical: features [B, F] of a classifier with a clinical branch.
            lesion: part of blood in each pixel, [B, 1, H, W], `bundle.labels.UNKNOWN` (negative) where unknown; None
                where nothing is to be learned, as in validation.
        """
        maps = self.classifier.encode(images)
        if lesion is not None:
            self.lesion_loss = self._loss(self.classifier.evidence_logits(maps).float(), lesion)
        return self.classifier.classify(maps, clinical)

    def _loss(self, blood: torch.Tensor, lesion: torch.Tensor) -> torch.Tensor:
        height, width = blood.shape[2:]
        known = (F.adaptive_avg_pool2d((lesion >= 0).float(), (height, width)) == 1).float()
        target = F.adaptive_avg_pool2d(lesion.clamp(0, 1), (height, width))
        losses = F.binary_cross_entropy_with_logits(
            blood, target, pos_weight=blood.new_tensor(self.positive_weight), reduction="none"
        )
        return weighted_mean(losses, known, over_processes=idist.get_world_size() > 1)
