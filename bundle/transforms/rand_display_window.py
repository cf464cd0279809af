"""A slice as it would look through another display window."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform, RandomizableTransform

from bundle.preprocessing import DEFAULT_WINDOWS, unwindow_hu, window_hu
from bundle.transforms.window import window_columns


class RandDisplayWindowd(RandomizableTransform, MapTransform):
    """Move and stretch the windows through which a slice was windowed, all alike.

    A network trained on it gives one verdict for a slice in HU and for an export whose window nobody knows. What is
    black stays black, so that the outside of the brain mask is told from tissue; what a window had clipped is lost.

    Args:
        keys: keys of images [C, H, W] in [0, 1].
        windows: (level, width) in HU of each channel.
        prob: probability of another window.
        level_shift: range in HU, added to the level of a window of 80 HU, and in proportion for others.
        width_factor: range of the factor on the width, drawn evenly on a log scale.

    Example:
        >>> transform = RandDisplayWindowd("image", prob=1.0).set_random_state(0)
        >>> transform({"image": torch.tensor([0.0, 0.5]).expand(3, 1, 2)})["image"][0, 0, 0]  # black stays black
        tensor(0.)
    """

    def __init__(
        self,
        keys: KeysCollection,
        windows: Sequence[Sequence[float]] = DEFAULT_WINDOWS,
        prob: float = 0.5,
        level_shift: tuple[float, float] = (-8.0, 8.0),
        width_factor: tuple[float, float] = (0.75, 1.8),
        allow_missing_keys: bool = False,
    ) -> None:
        MapTransform.__init__(self, keys, allow_missing_keys)
        RandomizableTransform.__init__(self, prob)
        self.levels, self.widths = window_columns(windows)
        self.level_shift, self.width_factor = level_shift, width_factor
        self.shift, self.factor = 0.0, 1.0

    def randomize(self, data: Any = None) -> None:
        """Draw whether there is another window, and which."""
        super().randomize(data)
        low, high = self.width_factor
        self.shift = self.R.uniform(*self.level_shift)
        self.factor = low * (high / low) ** self.R.uniform()

    def __call__(self, data: Mapping[Hashable, torch.Tensor]) -> dict[Hashable, torch.Tensor]:
        """Return a copy of `data` with the images through another window, or not."""
        self.randomize()
        result = dict(data)
        if not self._do_transform:
            return result
        for key in self.key_iterator(result):
            image = torch.as_tensor(result[key])
            hu = unwindow_hu(image, self.levels, self.widths)
            seen = window_hu(hu, self.levels + self.shift * self.widths / 80, self.widths * self.factor)
            result[key] = seen * (image > 0)
        return result
