"""How far the features of each slice of an evaluation lie from those of the validation split."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from ignite.engine import Events
from monai.engines import Workflow

from bundle.handlers.evaluator_predictions import DISTANCES
from bundle.networks.penultimate import PenultimateFeatures
from bundle.parallel.processes import gather
from bundle.uncertainty import Gaussian, fit_gaussian, held_out_distances


class FeatureDistances:
    """Collect the penultimate features of a run, and leave their distances in ``engine.state.metric_details``.

    On the evaluator of the validation split, a slice's distance is that to other patients', and a Gaussian is fitted on
    all. On another evaluator it is the distance to that Gaussian; where the validation had no slices, there is none.
    It needs `bundle.handlers.HemorrhageMetrics` on the same evaluator. On an evaluator that starts another one with the
    same network, attach it after the handler that does.

    Args:
        network: the classifier.
        rows: of the evaluator, as `bundle.datalist.read_section` gives them, in the order of its loader.
        validation: the handler on the evaluator of the validation split; None where this is that handler.
    """

    def __init__(
        self, network: torch.nn.Module, rows: Sequence[Mapping[str, Any]], validation: "FeatureDistances | None" = None
    ) -> None:
        self.rows = rows
        self.validation = validation
        self.gaussian: Gaussian | None = None
        self._features = PenultimateFeatures(network)
        self._batches: list[torch.Tensor] = []

    def attach(self, engine: Workflow) -> None:
        """Attach to the evaluator."""
        engine.add_event_handler(Events.STARTED, self._start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)
        engine.add_event_handler(Events.COMPLETED, self)

    def _start(self, engine: Workflow) -> None:
        self._batches = []
        self._features.open()

    def _collect(self, engine: Workflow) -> None:
        self._batches.append(self._features.take(len(engine.state.output)))

    def __call__(self, engine: Workflow) -> None:
        """Compute the distances."""
        self._features.close()
        features = torch.stack(gather(list(torch.cat(self._batches)), len(self.rows))).numpy()
        details = engine.state.metric_details
        if self.validation is None:
            self.gaussian = fit_gaussian(features)
            details[DISTANCES] = held_out_distances(features, [row["patient"] for row in self.rows])
        elif self.validation.gaussian is not None:
            details[DISTANCES] = self.validation.gaussian.distances(features)
