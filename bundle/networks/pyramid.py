"""One map from several layers of a backbone.

Feature pyramid (Lin et al., Feature Pyramid Networks for Object Detection, https://arxiv.org/abs/1612.03144). It
differs from the paper in giving out one level alone, the finest, as the sum of all enlarged at once.
"""

import torch
from torch import nn
from torch.nn import functional as F


class FeaturePyramid(nn.Module):
    """Bring the last three layers of a backbone to one width, enlarge and add them: what is small stays to be seen.

    Args:
        in_channels: channels of the three layers, the finest first.
        width: channels given out.
    """

    def __init__(self, in_channels: tuple[int, int, int], width: int) -> None:
        super().__init__()
        self.fine, self.middle, self.coarse = (nn.Conv2d(each, width, kernel_size=1) for each in in_channels)
        self.mix = nn.Sequential(
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
        )

    def forward(self, fine: torch.Tensor, middle: torch.Tensor, coarse: torch.Tensor) -> torch.Tensor:
        """Return [B, width, H, W] of layers [B, C, H, W], of which the first gives the size."""
        size = fine.shape[2:]
        total = self.fine(fine)
        total = total + F.interpolate(self.middle(middle), size, mode="bilinear")
        total = total + F.interpolate(self.coarse(coarse), size, mode="bilinear")
        return self.mix(total)
