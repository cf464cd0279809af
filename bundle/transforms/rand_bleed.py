"""Bleeds painted into slices without one, as further training material.

Real hemorrhages are few, of few patients and scanners; the heads around them tell which set a slice is of. A bleed
painted into any normal slice shows what makes the difference, and nothing else.
"""

from collections.abc import Hashable, Mapping, Sequence
from copy import deepcopy

import numpy as np
import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform, RandomizableTransform
from scipy import ndimage

from bundle.labels import ANY_INDEX, SUBTYPES
from bundle.preprocessing import DEFAULT_WINDOWS, unwindow_hu, window_hu
from bundle.transforms.bleed_shapes import SHAPES, Brain, smooth_noise
from bundle.transforms.window import window_columns


class RandBleedd(RandomizableTransform, MapTransform):
    """Paint a bleed of a random subtype into a slice known to have none, and label it so.

    Blood takes the place of tissue and keeps the slice's own noise; its edge is as blurred as a scanner's. With
    probability `decoy` the slice, with a bleed or without, gets what must not be taken for one: a dark lesion of the
    same shapes, or a speck as bright as calcium.

    Args:
        keys: keys of images [C, H, W] in [0, 1], black outside the brain, each of the same slice.
        windows: (level, width) in HU of each channel.
        label_key: key of the six labels.
        prob: probability of a bleed in a slice whose *any* is 0.
        decoy: probability of a decoy.
        blood: range of the density in HU.
        lesion_key: key of the map of a slice's blood, `bundle.transforms.LesionMapd`, which becomes that of the painted
            bleed; it may be missing.
        min_radius: radius of the smallest brain that is painted into, in pixels.
    """

    def __init__(
        self,
        keys: KeysCollection,
        windows: Sequence[Sequence[float]] = DEFAULT_WINDOWS,
        label_key: str = "label",
        prob: float = 0.4,
        decoy: float = 0.3,
        blood: tuple[float, float] = (48.0, 88.0),
        lesion_key: str = "lesion",
        min_radius: float = 8.0,
        allow_missing_keys: bool = False,
    ) -> None:
        MapTransform.__init__(self, keys, allow_missing_keys)
        RandomizableTransform.__init__(self, prob)
        self.levels, self.widths = window_columns(windows)
        self.label_key, self.lesion_key = label_key, lesion_key
        self.decoy, self.blood, self.min_radius = decoy, blood, min_radius

    def __call__(self, data: Mapping[Hashable, torch.Tensor]) -> dict[Hashable, torch.Tensor]:
        """Return a copy of `data`, with a bleed in the images and its label, or without."""
        self.randomize(None)
        result = dict(data)
        label = result[self.label_key]
        keys = list(self.key_iterator(result))
        first = torch.as_tensor(result[keys[0]])
        brain = self._find_brain(first)
        if brain is not None and brain.radius > self.min_radius:
            if self.R.uniform() < self.decoy:
                self._paint_decoy(result, keys, brain)
            if self._do_transform and label[ANY_INDEX] == 0:
                subtype = SUBTYPES[self.R.randint(len(SUBTYPES))]
                bleed = SHAPES[subtype](brain, self.R)
                if bleed is not None and bleed.sum() > 4:
                    part = self._paint(result, keys, brain, bleed, self.R.uniform(*self.blood), 4.0)
                    label = deepcopy(label)
                    label[SUBTYPES.index(subtype)] = label[ANY_INDEX] = 1
                    result[self.label_key] = label
                    if self.lesion_key in result:
                        result[self.lesion_key] = torch.from_numpy(part)[None]
        return result

    def _find_brain(self, image: torch.Tensor) -> Brain | None:
        narrowest = int(self.widths.argmin())
        level, width = self.levels[narrowest].item(), self.widths[narrowest].item()
        hu = unwindow_hu(image[narrowest], level, width)
        return Brain.find(hu.numpy(), (image > 0).any(0).numpy(), level + width / 4, level + 0.47 * width)

    def _paint_decoy(self, result: dict[Hashable, torch.Tensor], keys: list[Hashable], brain: Brain) -> None:
        if self.R.uniform() < 0.6:
            name = ("intraparenchymal", "subdural", "epidural")[self.R.randint(3)]
            shape, hu, spread = SHAPES[name](brain, self.R), self.R.uniform(5, 22), 2.0
        else:
            place = brain.place(brain.depth > 0.3 * brain.radius, self.R)
            shape = None
            if place is not None:
                down, right = brain.offsets(place)
                shape = np.clip(1.5 - np.hypot(down, right) / self.R.uniform(0.015, 0.04), 0, 1).astype(np.float32)
            hu, spread = self.R.uniform(100, 300), 0.0
        if shape is not None:
            self._paint(result, keys, brain, shape, hu, spread)

    def _paint(
        self, result: dict[Hashable, torch.Tensor], keys: list[Hashable], brain: Brain, shape: np.ndarray, hu: float,
        spread: float,
    ) -> np.ndarray:  # fmt: skip
        """Put tissue of a density into the images where `shape` says, and return its blurred shape."""
        blur = self.R.uniform(0.4, 0.9) * max(1.0, brain.radius / 40)
        part = ndimage.gaussian_filter(shape, blur) * self.R.uniform(0.75, 1.0)
        noise = brain.hu - ndimage.uniform_filter(brain.hu, 3)
        density = hu + spread * smooth_noise(shape.shape, 5, self.R) + noise
        for key in keys:
            image = torch.as_tensor(result[key])
            seen = window_hu(torch.from_numpy(density)[None], self.levels, self.widths)
            blend = torch.from_numpy(part)[None]
            result[key] = torch.where(image > 0, image * (1 - blend) + seen * blend, image)
        return part
