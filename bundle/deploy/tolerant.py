"""One bad file among a thousand costs that file alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import torch
from monai.data import Dataset
from monai.transforms import Compose
from monai.utils import convert_to_tensor

from bundle.caching.batch import try_batch
from bundle.errors import find_input_error
from bundle.gate import LeftOut
from bundle.transforms import judging

FAILED = "failed"
"""Key of a sample that says why its file could not be used; empty for a good one."""
LEFT_OUT = "left_out"
"""Key of a sample that says what the image is instead of a head, see `bundle.gate.Kind`; empty for all others."""


class TolerantDataset(Dataset):
    """A MONAI dataset in which a sample that cannot be made is a blank one with the reason under `FAILED`.

    What its pixels show to be no head has its kind under `LEFT_OUT`, too.

    Args:
        data: the rows.
        transform: from a row to a sample with an "image" [C, S, S].
        blank: a sample of zeros in the place of a failed one, as [C, S, S].
        row_keys: keys of a row that go into its sample as they are, be it a good or a failed one.
        judged: whether what is no slice of a head is refused, see `bundle.transforms.judging`, which needs a `Compose`.
    """

    def __init__(
        self,
        data: Sequence[Mapping[str, Any]],
        transform: Callable[[Any], Any],
        blank: Sequence[int],
        row_keys: Sequence[str] = (),
        judged: bool = False,
    ) -> None:
        super().__init__(data, judging(cast(Compose, transform)) if judged else transform)
        self.blank = tuple(blank)
        self.row_keys = tuple(row_keys)

    def __getitems__(self, indices: Sequence[int]) -> list[dict[str, Any]]:
        """Return samples, as a DataLoader asks for a batch; their brain masks are predicted together."""
        rows = [self.data[index] for index in indices]
        return [self._sample(*both) for both in zip(rows, try_batch(self.transform, rows), strict=True)]

    def _transform(self, index: int) -> dict[str, Any]:
        return self.__getitems__([index])[0]

    def _sample(self, row: Mapping[str, Any], made: dict[str, Any] | Exception) -> dict[str, Any]:
        kept = {key: row[key] for key in self.row_keys}
        if not isinstance(made, Exception):
            # Plain tensors throughout: MONAI collates a batch as the first of its samples is.
            return {**{key: convert_to_tensor(value) for key, value in made.items()}, **kept, **_why("")}
        found = find_input_error(made)
        if isinstance(found, LeftOut):
            why = _why(found.finding.reason, str(found.finding.kind))
        else:
            why = _why(str(found or f"{type(made).__name__}: {made}"))
        start, end = torch.zeros(2, dtype=torch.int32), torch.tensor(self.blank[1:], dtype=torch.int32)
        return {"image": torch.zeros(self.blank), "box_start": start, "box_end": end, **kept, **why}


def _why(reason: str, kind: str = "") -> dict[str, str]:
    return {FAILED: reason, LEFT_OUT: kind}
