"""What is no slice of a head is left out before the network sees it."""

from collections.abc import Hashable, Mapping
from typing import Any

from monai.config import KeysCollection
from monai.transforms import Compose, MapTransform

from bundle.gate import LeftOut, find_slice_kind
from bundle.intensity import INTENSITY, Intensity
from bundle.transforms.select_slice import SelectSliced


class JudgeSliced(MapTransform):
    """Let slices pass that show something, [C, H, W], and refuse the others.

    Raises:
        LeftOut: when the pixels rule the slice out, see `bundle.gate.find_slice_kind`.

    Example:
        >>> import torch
        >>> from monai.data import MetaTensor
        >>> slice_ = MetaTensor(torch.rand(1, 8, 8), meta={"intensity": "display"})
        >>> JudgeSliced("image")({"image": slice_})["image"].shape
        torch.Size([1, 8, 8])
    """

    def __init__(self, keys: KeysCollection, allow_missing_keys: bool = False) -> None:
        super().__init__(keys, allow_missing_keys)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Return a copy of `data`."""
        result = dict(data)
        for key in self.key_iterator(result):
            image = result[key]
            finding = find_slice_kind(image[0].numpy(), Intensity(image.meta[INTENSITY]))
            if finding is not None:
                raise LeftOut(finding, image.meta.get("filename_or_obj"))
        return result


def judging(preprocessing: Compose) -> Compose:
    """Return a preprocessing that refuses what is no slice of a head as soon as it is one slice.

    Training shares the preprocessing, but its images were judged when the datalist was made.

    Example:
        >>> steps = judging(Compose([SelectSliced("image"), lambda data: data])).transforms
        >>> [type(step).__name__ for step in steps]
        ['SelectSliced', 'JudgeSliced', 'function']
    """
    reading, seeing = read_and_see(preprocessing)
    return Compose([*reading.transforms, *seeing.transforms])


def read_and_see(preprocessing: Compose) -> tuple[Compose, Compose]:
    """Return a preprocessing in two: a row → a slice that was judged, and the slice → what the network sees.

    Example:
        >>> reading, seeing = read_and_see(Compose([SelectSliced("image"), lambda data: data]))
        >>> len(reading), len(seeing)
        (2, 1)
    """
    steps = list(preprocessing.transforms)
    place = next(index for index, step in enumerate(steps) if isinstance(step, SelectSliced)) + 1
    return Compose([*steps[:place], JudgeSliced("image")]), Compose(steps[place:])
