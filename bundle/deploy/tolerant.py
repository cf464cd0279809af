"""One bad file among a thousand costs that file alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import torch
from monai.data import Dataset, MetaTensor
from monai.transforms import Compose
from monai.utils import convert_to_tensor

from bundle.caching.batch import try_batch
from bundle.errors import InputError
from bundle.gate import Lost
from bundle.intensity import INTENSITY
from bundle.preprocessing import find_slabs
from bundle.transforms import read_and_see

FAILED = "failed"
"""Key of a sample that says why a file could not be used, in a line for each slice; empty for a good one."""
LEFT_OUT = "left_out"
"""Key of a sample that says what an image is instead of a head, see `bundle.gate.Kind`, likewise."""


class TolerantDataset(Dataset):
    """A MONAI dataset in which a sample that cannot be made is a blank one with the reason under `FAILED`.

    What its pixels show to be no head has its kind under `LEFT_OUT`, too.

    Args:
        data: the rows.
        transform: from a row to a sample with an "image" [C, S, S].
        blank: a sample of zeros in the place of a failed one, as [C, S, S].
        row_keys: keys of a row that go into its sample as they are, be it a good or a failed one.
        judged: whether what is no slice of a head is refused, and a sample is the mean of the slices of a slab, see
            `bundle.preprocessing.find_slabs`; the transform must then be a `Compose`, see
            `bundle.transforms.read_and_see`.

    Attributes:
        slabs: the indices of the rows of each sample.
    """

    def __init__(
        self,
        data: Sequence[Mapping[str, Any]],
        transform: Callable[[Any], Any],
        blank: Sequence[int],
        row_keys: Sequence[str] = (),
        judged: bool = False,
    ) -> None:
        super().__init__(data, transform)
        self.blank = tuple(blank)
        self.row_keys = tuple(row_keys)
        self.slabs = find_slabs(data) if judged else [[index] for index in range(len(data))]
        self._read, self._see = read_and_see(cast(Compose, transform)) if judged else (Compose(), transform)

    def __len__(self) -> int:
        return len(self.slabs)

    def __getitems__(self, indices: Sequence[int]) -> list[dict[str, Any]]:
        """Return samples, as a DataLoader asks for a batch; their brain masks are predicted together."""
        slabs = [[self.data[row] for row in self.slabs[index]] for index in indices]
        read = [self._mean(rows) for rows in slabs]
        seen = iter(try_batch(self._see, [slab for slab, _ in read if slab is not None]))
        made = [(next(seen) if slab is not None else None, lost) for slab, lost in read]
        return [self._sample(rows[0], *each) for rows, each in zip(slabs, made, strict=True)]

    @property
    def by_row(self) -> "ByRow":
        """The samples by the rows: of each that of its slab."""
        return ByRow(self)

    def _transform(self, index: int) -> dict[str, Any]:
        return self.__getitems__([index])[0]

    def _mean(self, rows: Sequence[Mapping[str, Any]]) -> tuple[Any, list[Lost | None]]:
        """Return the mean of those slices of a slab that can be read, None without any, and why others cannot."""
        good: list[Any] = []
        lost: list[Lost | None] = []
        for made in try_batch(self._read, rows):
            if not isinstance(made, Exception) and good and _shape(made) != _shape(good[0]):
                made = InputError(
                    "has another size or unit than its neighbours", file=_image(made).meta.get("filename_or_obj")
                )
            if isinstance(made, Exception):
                lost.append(Lost.of(made))
            else:
                lost.append(None)
                good.append(made)
        if len(good) < 2:
            return (good[0] if good else None), lost
        mean = torch.stack([_image(each).as_tensor() for each in good]).mean(0)
        return {**good[0], "image": MetaTensor(mean, meta=_image(good[0]).meta)}, lost

    def _sample(self, row: Mapping[str, Any], made: Any, lost: Sequence[Lost | None]) -> dict[str, Any]:
        kept = {key: row[key] for key in self.row_keys}
        if isinstance(made, Exception):
            lost = [each or Lost.of(made) for each in lost]
        kept |= {
            FAILED: "\n".join(_line(each.reason) if each else "" for each in lost),
            LEFT_OUT: "\n".join(each.kind if each else "" for each in lost),
        }
        if made is not None and not isinstance(made, Exception):
            # Plain tensors throughout: MONAI collates a batch as the first of its samples is.
            return {**{key: convert_to_tensor(value) for key, value in made.items()}, **kept}
        start, end = torch.zeros(2, dtype=torch.int32), torch.tensor(self.blank[1:], dtype=torch.int32)
        return {"image": torch.zeros(self.blank), "box_start": start, "box_end": end, **kept}


class ByRow(Dataset):
    """The samples of a `TolerantDataset` by its rows.

    Args:
        dataset: whose samples these are.
    """

    def __init__(self, dataset: TolerantDataset) -> None:
        super().__init__(dataset.data)
        self._dataset = dataset
        self._slab = {row: number for number, slab in enumerate(dataset.slabs) for row in slab}

    def _transform(self, index: int) -> dict[str, Any]:
        return self._dataset[self._slab[index]]


def _image(sample: Mapping[str, Any]) -> MetaTensor:
    return sample["image"]


def _shape(sample: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(_image(sample).shape), _image(sample).meta[INTENSITY]


def _line(text: str) -> str:
    return " ".join(text.splitlines())
