"""How far the features of each slice of an evaluation lie from those of the validation split."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from ignite.engine import Engine, Events
from monai.engines import SupervisedEvaluator

from bundle.handlers.announced import announce, announced
from bundle.handlers.evaluator_predictions import DISTANCES
from bundle.networks.penultimate import PenultimateFeatures
from bundle.parallel.processes import gather
from bundle.uncertainty import Gaussian, fit_gaussian, held_out_distances


class FeatureDistances:
    """Collect the penultimate features of a run, and leave their distances in ``engine.state.metric_details``.

    On the evaluator of the validation split, a slice's distance is that to other patients', and a Gaussian is fitted on
    all. On another evaluator it is the distance to that Gaussian, of a slice of the validation the former one again;
    where the validation had no slices, there is none.
    It needs `bundle.handlers.HemorrhageMetrics`, with the rows, on the same evaluator. On an evaluator that starts
    another one with the same network, attach it after the handler that does.

    Args:
        validation: the evaluator of the validation split, with a handler of this kind; None on that evaluator.
    """

    def __init__(self, validation: Engine | None = None) -> None:
        self.validation = validation
        self.gaussian: Gaussian | None = None
        self._batches: list[torch.Tensor] = []

    def attach(self, engine: SupervisedEvaluator) -> None:
        """Attach to the evaluator."""
        announce(engine, "distances", self)
        engine.add_event_handler(Events.STARTED, self._start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)
        engine.add_event_handler(Events.COMPLETED, self)

    def _start(self, engine: SupervisedEvaluator) -> None:
        self._batches = []
        self._features = PenultimateFeatures(engine.network)
        self._features.open()

    def _collect(self, engine: SupervisedEvaluator) -> None:
        self._batches.append(self._features.take(len(engine.state.output)))

    def __call__(self, engine: SupervisedEvaluator) -> None:
        """Compute the distances."""
        self._features.close()
        details = engine.state.metric_details
        features = torch.stack(gather(list(torch.cat(self._batches)), len(details["rows"]))).numpy()
        if self.validation is None:
            self.gaussian = fit_gaussian(features)
            details[DISTANCES] = held_out_distances(features, [row["patient"] for row in details["rows"]])
        elif (gaussian := announced(self.validation)["distances"].gaussian) is not None:
            # The Gaussian knows the slices that it was fitted on: their distances to it are too short.
            known = self.validation.state.metric_details  # type: ignore[attr-defined]
            held_out = dict(zip(_slices(known["rows"]), known[DISTANCES], strict=True))
            far = zip(_slices(details["rows"]), gaussian.distances(features), strict=True)
            details[DISTANCES] = np.array([held_out.get(slice_, distance) for slice_, distance in far])


def _slices(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(str(row["image"]), str(row.get("slice"))) for row in rows]
