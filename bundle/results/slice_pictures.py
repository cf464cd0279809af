"""The pictures of slices that were scored, by the indices of their records."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from bundle.pictures import NOT_FOR_DIAGNOSIS, Explainer
from bundle.predictions import Predictions
from bundle.results.overlays import captioned_overlays, draw_overlays, slice_numbers
from bundle.results.records import Record, most_suspicious


@dataclass(frozen=True, eq=False)
class SlicePictures:
    """What draws the slices that were scored."""

    explainer: Explainer
    """Of all slices."""
    scored: Sequence[int]
    """Indices of those that were scored."""
    predictions: Predictions
    """Of these."""
    records: Sequence[Record]
    """Of these."""

    @cached_property
    def numbers(self) -> list[tuple[int, int]]:
        """Of each that was scored its number in its head, counted from the base, and how many slices that has."""
        numbers = slice_numbers(self.explainer.rows)
        return [numbers[index] for index in self.scored]

    def indices_of(self, chosen: Sequence[int]) -> list[int]:
        """Return the indices of slices among all."""
        return [self.scored[index] for index in chosen]

    def capture(self, index: int, verdict: Sequence[str]) -> np.ndarray:
        """Return the overlay of a slice with its captions for a PACS, [H, W, 3] uint8.

        Args:
            index: of its record.
            verdict: on its head, which most viewers show nowhere else, see `bundle.pictures.Captions`.

        Raises:
            InputError: see `bundle.pictures.Explainer`.
        """
        indices, one = self.indices_of([index]), self.predictions.restricted([index])
        return next(captioned_overlays(self.explainer, indices, one, self.records, [index], NOT_FOR_DIAGNOSIS, verdict))

    def with_overlays(self, folder: Path, count: int) -> list[Record]:
        """Draw the most suspicious slices of each series, and return all records, with the names of their pictures.

        Args:
            folder: of the results; the pictures come into its ``overlays``.
            count: of slices of a series.

        Raises:
            InputError: see `draw_overlays`.
        """
        chosen = most_suspicious(self.records, count)
        indices, drawn = self.indices_of(chosen), self.predictions.restricted(chosen)
        written = draw_overlays(folder / "overlays", self.explainer, indices, drawn, self.records, chosen)
        return [
            {**record, "overlay": f"overlays/{written[index]}"} if index in written else record
            for index, record in enumerate(self.records)
        ]
