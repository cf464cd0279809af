"""Grey levels for the network: CT through display windows, everything else normalised."""

from collections.abc import Hashable, Mapping, Sequence

import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform, Transform

from bundle.intensity import INTENSITY, Intensity
from bundle.preprocessing import DEFAULT_WINDOWS, normalise, window_hu


def window_columns(windows: Sequence[Sequence[float]], dims: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    """Return levels and widths in HU, each [C, 1, ...] float32, to be broadcast with channels of `dims` dimensions.

    Example:
        >>> levels, widths = window_columns([(40, 80), (600, 2800)])
        >>> levels.shape, widths.flatten()
        (torch.Size([2, 1, 1]), tensor([  80., 2800.]))
    """
    levels, widths = torch.tensor(windows, dtype=torch.float32).T.reshape(2, -1, *[1] * dims)
    return levels, widths


class Window(Transform):
    """Turn one grey image into the network's channels in [0, 1].

    An image in HU gives one channel a window; any other image gives its normalised self once a window, so that the
    number of channels is the same.

    Args:
        windows: (level, width) in HU of each output channel.

    Raises:
        ValueError: when a width is not positive.

    Example:
        >>> image = MetaTensor(torch.tensor([[[0.0, 40.0, 80.0]]]), meta={INTENSITY: Intensity.HU})
        >>> Window([(40, 80), (80, 200)])(image).as_tensor()
        tensor([[[0.0000, 0.5000, 1.0000]],
                [[0.1000, 0.3000, 0.5000]]])
    """

    def __init__(self, windows: Sequence[Sequence[float]] = DEFAULT_WINDOWS) -> None:
        for level, width in windows:
            if width <= 0:
                raise ValueError(f"the width of a window must be positive, got level {level}, width {width}")
        self.windows = tuple((float(level), float(width)) for level, width in windows)

    def __call__(self, image: MetaTensor) -> MetaTensor:
        """Return the channels of `image`: [1, ...] → [len(windows), ...], float32 in [0, 1]."""
        if image.shape[0] != 1:
            raise ValueError(f"a window needs a grey image of one channel, got shape {tuple(image.shape)}")
        intensity = Intensity(image.meta[INTENSITY])
        plain = image.as_tensor().float()
        if intensity == Intensity.HU:
            # One window that is there several times is computed once.
            distinct = self.windows if len(set(self.windows)) > 1 else self.windows[:1]
            channels = window_hu(plain, *window_columns(distinct, plain.ndim - 1))
        else:
            channels = normalise(plain, intensity)
        channels = channels.expand(len(self.windows), *plain.shape[1:])
        return MetaTensor(channels, meta=image.meta, applied_operations=image.applied_operations)


class Windowd(MapTransform):
    """Dictionary form of `Window`.

    Example:
        >>> image = MetaTensor(torch.full((1, 8, 8), 40.0), meta={INTENSITY: Intensity.HU})
        >>> Windowd("image")({"image": image})["image"].shape
        torch.Size([3, 8, 8])
    """

    def __init__(
        self,
        keys: KeysCollection,
        windows: Sequence[Sequence[float]] = DEFAULT_WINDOWS,
        allow_missing_keys: bool = False,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.window = Window(windows)

    def __call__(self, data: Mapping[Hashable, MetaTensor]) -> dict[Hashable, MetaTensor]:
        """Return a copy of `data` with the images at the keys windowed."""
        return {**data, **{key: self.window(data[key]) for key in self.key_iterator(data)}}
