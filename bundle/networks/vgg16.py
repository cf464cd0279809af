"""VGG16.

Configuration D of *Very Deep Convolutional Networks for Large-Scale Image Recognition* (Simonyan & Zisserman, 2015,
https://arxiv.org/abs/1409.1556). It differs from the paper in pooling the last feature maps to 7 × 7 whatever the
image's size, as torchvision does, and in the initial weights: He's for the convolutions, so that the network need not
grow from a shallower one that was trained before.
"""

import torch
from torch import nn

_CHANNELS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))


class VGG16(nn.Module):
    """Classify a slice: thirteen 3×3 convolutions in five blocks → three fully connected layers → logits.

    Layers are named as torchvision's, so that its weights fit. ``features.29`` is what the last convolution gives out,
    before it is pooled. As in `bundle.networks.HemorrhageClassifier`, weights and images are kept in the channels-last
    layout.

    Args:
        num_classes: number of logits, one a class of the task (`bundle.labels.CLASSES`).
        in_channels: channels of the image.
        hidden_features: width of the two fully connected layers before the last.
        dropout: probability of dropout after each of them.

    Example:
        ``VGG16(num_classes=6)`` maps [B, 3, 256, 256] float32 in [0, 1] to [B, 6] logits. Images have at least 32
        pixels a side.
    """

    def __init__(
        self, num_classes: int, in_channels: int = 3, hidden_features: int = 4096, dropout: float = 0.5
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for block in _CHANNELS:
            for channels in block:
                # Not in place: Grad-CAM looks at what is given out here.
                layers += [nn.Conv2d(in_channels, channels, kernel_size=3, padding=1), nn.ReLU()]
                in_channels = channels
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(7)
        self.classifier = nn.Sequential(
            nn.Linear(in_channels * 7 * 7, hidden_features),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden_features, hidden_features),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden_features, num_classes),
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0, 0.01)
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return logits [B, num_classes] of `images` [B, C, H, W]."""
        images = images.contiguous(memory_format=torch.channels_last)
        return self.classifier(self.pool(self.features(images)).flatten(1))
