"""Late fusion of clinical features: logits of their own, added to those of the image.

Huang et al., Fusion of medical imaging and electronic health records using deep learning, npj Digital Medicine 2020,
https://doi.org/10.1038/s41746-020-00341-z. Missing values are masked, not imputed: what is unknown adds nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from bundle.clinical import MAX_CATEGORIES, category_code
from bundle.errors import InputError

LIMIT = 5.0
"""Standard deviations from the mean at which a number is cut off, so that a slip of the pen does not decide."""


class ClinicalBranch(nn.Module):
    """Map clinical features to logits: standardise, flag what is known, one hidden layer, no bias anywhere.

    A number gives its standardised value and a presence flag, a category a flag of its own for each text of the
    training; both are 0 where it is missing, and so is a category that the training did not have. As no layer has a
    bias, a row of which nothing is known gets logits of exactly 0. They are 0 for any row before the first step, too:
    training starts with the network of the image alone.

    Mean, scale and categories are buffers, fitted on training rows by `fit` and saved with the weights. Before that
    everything counts as missing. A state dict of other features, or of the same in another order, is refused.

    Args:
        numbers: names of the numeric features.
        categories: names of the categorical ones, which come after the numbers.
        num_classes: number of logits.
        hidden_features: width of the hidden layer.
        absent: probability that a training sample is shown without its features, so that the image alone is a network
            that was trained, too (modality dropout; Neverova et al., ModDrop, https://arxiv.org/abs/1501.00102).

    Raises:
        InputError: when there is no feature, or one is named twice.
    """

    mean: torch.Tensor
    scale: torch.Tensor
    codes: torch.Tensor
    name_codes: torch.Tensor

    def __init__(
        self,
        numbers: Sequence[str],
        categories: Sequence[str],
        num_classes: int,
        hidden_features: int = 16,
        absent: float = 0.25,
    ) -> None:
        super().__init__()
        self.names = (*numbers, *categories)
        if not self.names or len(set(self.names)) < len(self.names):
            raise InputError(
                f"the clinical features {', '.join(self.names) or '(none)'} must be at least one, each named once",
                "correct clinical_numbers and clinical_categories",
            )
        self.absent = absent
        self.limit = LIMIT
        self.register_buffer("mean", torch.full((len(numbers),), torch.nan))
        self.register_buffer("scale", torch.full((len(numbers),), torch.nan))
        self.register_buffer("codes", torch.full((len(categories), MAX_CATEGORIES), torch.nan))
        self.register_buffer("name_codes", torch.tensor([category_code(name) for name in self.names]))
        inputs = 2 * len(numbers) + MAX_CATEGORIES * len(categories)
        self.hidden = nn.Linear(inputs, hidden_features, bias=False)
        self.logits = nn.Linear(hidden_features, num_classes, bias=False)
        nn.init.zeros_(self.logits.weight)

    def forward(self, clinical: torch.Tensor) -> torch.Tensor:
        """Return logits [B, num_classes] of features [B, F] float32, NaN where missing (`bundle.clinical`)."""
        if self.training:
            without = torch.rand(clinical.shape[0], 1, device=clinical.device) < self.absent
            clinical = clinical.masked_fill(without, torch.nan)
        count = self.mean.shape[0]
        scaled = (clinical[:, :count] - self.mean) / self.scale
        known = ~torch.isnan(scaled)
        values = torch.nan_to_num(scaled).clamp(-self.limit, self.limit)
        one_hot = (clinical[:, count:, None] == self.codes).flatten(1)
        return self.logits(torch.relu(self.hidden(torch.cat([values, known.float(), one_hot.float()], 1))))

    @property
    def fitted(self) -> bool:
        """Whether the buffers were fitted or loaded."""
        return not bool(torch.isnan(torch.cat([self.mean, self.codes.flatten()])).all())

    def fit(self, clinical: np.ndarray) -> None:
        """Take mean, scale and categories from training rows.

        Args:
            clinical: [N, F] float32, NaN where missing.

        Raises:
            InputError: when no row has some feature, or one has more than `MAX_CATEGORIES` texts.
        """
        for name, column in zip(self.names, clinical.T, strict=True):
            if np.isnan(column).all():
                raise InputError(
                    f"no training row has the clinical feature {name!r}",
                    "correct or leave it out in clinical_numbers or clinical_categories, or prepare the datalist with "
                    "it",
                )
        count = len(self.mean)
        numbers = clinical[:, :count].astype(np.float64)
        if count:
            spread = np.nanstd(numbers, axis=0)
            self.mean.copy_(torch.from_numpy(np.nanmean(numbers, axis=0)))
            self.scale.copy_(torch.from_numpy(np.where(spread > 0, spread, 1)))
        for name, column, codes in zip(self.names[count:], clinical.T[count:], self.codes, strict=True):
            found = np.unique(column[~np.isnan(column)])
            if len(found) > MAX_CATEGORIES:
                raise InputError(
                    f"the clinical feature {name!r} has {len(found)} categories in the training rows, at most "
                    f"{MAX_CATEGORIES} can be told apart",
                    "group them, or name it under clinical_numbers",
                )
            codes.fill_(torch.nan)
            codes[: len(found)] = torch.from_numpy(found)

    def _load_from_state_dict(
        self, state_dict: Mapping[str, Any], prefix: str, metadata: Any, strict: bool, missing: list[str],
        unexpected: list[str], errors: list[str],
    ) -> None:  # fmt: skip
        given = state_dict.get(f"{prefix}name_codes")
        if given is not None and not torch.equal(given.cpu(), self.name_codes.cpu()):
            raise InputError(
                f"was trained with other clinical features than {', '.join(self.names)}",
                "name those with which it was trained, in their order, or give another checkpoint",
            )
        super()._load_from_state_dict(state_dict, prefix, metadata, strict, missing, unexpected, errors)
