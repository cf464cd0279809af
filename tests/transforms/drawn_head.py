"""A slice of ellipses with its true brain mask, and a network that takes what is bright for brain."""

import numpy as np
import torch
from monai.data import MetaTensor
from torch import nn

from bundle.intensity import INTENSITY, Intensity


def ellipse(shape: tuple[int, int], centre: tuple[float, float], radii: tuple[float, float]) -> np.ndarray:
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return ((rows - centre[0]) / radii[0]) ** 2 + ((columns - centre[1]) / radii[1]) ** 2 <= 1


def drawn_head(size: int = 256, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return a slice in HU and its brain mask, both [size, size]."""
    shape, middle = (size, size), (size * 0.5, size * 0.48)
    image = np.full(shape, -1000.0, np.float32)
    image[ellipse(shape, middle, (size * 0.44, size * 0.36))] = 45
    image[ellipse(shape, middle, (size * 0.42, size * 0.34))] = 900
    brain = ellipse(shape, middle, (size * 0.38, size * 0.30))
    image[brain] = 33
    for side in (-1, 1):
        image[ellipse(shape, (middle[0], middle[1] + side * size * 0.05), (size * 0.12, size * 0.03))] = 5
    noise = np.random.default_rng(seed).normal(0, 3, shape).astype(np.float32)
    return image + noise * (image > -500), brain


def as_image(array: np.ndarray, intensity: Intensity = Intensity.HU) -> MetaTensor:
    return MetaTensor(torch.from_numpy(array.astype(np.float32))[None], meta={INTENSITY: intensity})


def dice(found: np.ndarray, truth: np.ndarray) -> float:
    return 2 * (found & truth).sum() / (found.sum() + truth.sum())


class Bright(nn.Module):
    """Takes what is bright for brain, so that the wanted mask can be painted into the image."""

    def __init__(self) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(20.0))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.slope * (images - 0.5)
