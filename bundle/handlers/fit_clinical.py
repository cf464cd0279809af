"""The clinical branch's standardisation, before the first step of a training."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from ignite.engine import Engine, Events
from torch import nn

from bundle.networks import ClinicalBranch

logger = logging.getLogger(__name__)


class FitClinical:
    """Fit mean, scale and categories of the network's clinical branch on the training rows, when the training starts.

    One that a resumed training loaded stays as it was. Attach it after the handler that resumes.

    Args:
        network: the classifier; without a `bundle.networks.ClinicalBranch` there is nothing to do.
        rows: the training rows, with ``clinical`` [F] float32 each.
    """

    def __init__(self, network: nn.Module, rows: Sequence[Mapping[str, Any]]) -> None:
        self.network = network
        self.rows = rows

    def attach(self, engine: Engine) -> None:
        """Attach to the trainer."""
        engine.add_event_handler(Events.STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Fit, and log how many rows have each feature.

        Raises:
            InputError: see `bundle.networks.ClinicalBranch.fit`.
        """
        branch = getattr(self.network, "clinical", None)
        if not isinstance(branch, ClinicalBranch) or branch.fitted:
            return
        clinical = np.stack([row["clinical"] for row in self.rows])
        branch.fit(clinical)
        known = (~np.isnan(clinical)).sum(axis=0).tolist()
        shares = ", ".join(f"{name} {count}" for name, count in zip(branch.names, known, strict=True))
        logger.info("Clinical features known in the %d training slices: %s", len(clinical), shares)
