"""What the configs of these tests name: a network of a moment, and a process that dies."""

import os
import signal
from typing import Any

import torch
from monai.inferers import SimpleInferer
from torch import nn


class TinyNetwork(nn.Module):
    """[B, 3, H, W] → [B, num_classes] logits, with a batch norm that may be frozen."""

    def __init__(self, num_classes: int = 6, frozen: bool = True):
        super().__init__()
        self.frozen = frozen
        self.norm = nn.BatchNorm2d(8)
        self.stem = nn.Conv2d(3, 8, 5, stride=3)
        self.conv = nn.Sequential(self.norm, nn.ReLU(), nn.Conv2d(8, 8, 3))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, num_classes))

    def train(self, mode: bool = True):
        super().train(mode)
        self.norm.train(mode and not self.frozen)
        return self

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.conv(self.stem(images)))


class KillOne(SimpleInferer):
    """Kill the process of one rank at an iteration, as an operating system out of memory does."""

    def __init__(self, after: int, victim: int):
        super().__init__()
        self.left, self.victim = after, victim

    def __call__(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        if self.left == 0 and int(os.environ["RANK"]) == self.victim:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1
        return super().__call__(*args, **kwargs)
