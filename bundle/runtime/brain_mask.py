"""The exported brain mask: all slices of a batch through the network at once."""

from pathlib import Path

import numpy as np

from bundle.preprocessing import clean_mask, depth_inside
from bundle.preprocessing.brain import DARK, INPUT_SIZE
from bundle.runtime.session import open_session


class BrainMask:
    """The brain mask of slices, as `bundle.transforms.BrainMask` predicts it.

    Args:
        path: brain_mask.onnx.
        margin: by which the masks grow, as a share of an image's longer side.
        threads: see `bundle.runtime.session.open_session`.

    Raises:
        InputError: when the file cannot be loaded.
    """

    def __init__(self, path: Path | str, margin: float, threads: int | None = None) -> None:
        self.margin = margin
        self._session = open_session(path, threads)
        self._input = self._session.get_inputs()[0].name

    def depths(self, small: np.ndarray) -> list[np.ndarray]:
        """Return how deep each pixel lies inside the mask, [S, S] each, see `bundle.preprocessing.depth_inside`.

        Args:
            small: [N, S, S] float32 in [0, 1], see `bundle.preprocessing.resample.shrink`; N is at least 1.
        """
        (logits,) = self._session.run(None, {self._input: small[:, None]})
        probabilities = 1 / (1 + np.exp(-logits[:, 0]))
        return [
            depth_inside(clean_mask(probability > 0.5, grey > DARK), probability, self.margin * INPUT_SIZE)
            for probability, grey in zip(probabilities, small, strict=True)
        ]
