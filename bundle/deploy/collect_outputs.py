"""What a run of inference gives of each slice, gathered over batches and processes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ignite.engine import Events
from monai.engines import Workflow
from torch import nn

from bundle.deploy.tolerant import FAILED, LEFT_OUT
from bundle.labels import CLASSES
from bundle.networks.penultimate import PenultimateFeatures
from bundle.parallel.processes import from_rank_zero, gather
from bundle.predictions import View
from bundle.results import Collected
from bundle.uncertainty import Uncertainty, find_uncertainty


class CollectOutputs:
    """Collect of each slice the probabilities, why it failed, and its distance from validation.

    The distances need an uncertainty file beside the checkpoint, as an evaluation leaves it. The processes of a job
    hold the samples that a `DistributedSequentialSampler` gave them until they are `gathered`.

    Args:
        network: the classifier.
        checkpoint: of the network.
        task: a key of `bundle.labels.CLASSES`.
        view: that it has of the slices.
        slabs: the slices of each sample, all of which have its values, see `TolerantDataset`.
    """

    def __init__(
        self, network: nn.Module, checkpoint: Path | str, task: str, view: View, slabs: Sequence[Sequence[int]]
    ) -> None:
        self.checkpoint, self.view = checkpoint, view
        self.task = task
        self.slabs = slabs
        self._features = PenultimateFeatures(network)
        self._uncertainty: Uncertainty | None = None
        self._no_uncertainty = ""
        self._probabilities: list[np.ndarray] = []
        self._reasons: list[str] = []
        self._kinds: list[str] = []
        self._distances: list[float] = []

    def attach(self, engine: Workflow) -> None:
        """Attach to the evaluator."""
        engine.add_event_handler(Events.STARTED, self._start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self)
        engine.add_event_handler(Events.COMPLETED, lambda _: self._features.close())

    def _start(self, engine: Workflow) -> None:
        self._uncertainty, self._no_uncertainty = from_rank_zero(
            find_uncertainty, self.checkpoint, self.task, self.view
        )
        self._features.open()

    def __call__(self, engine: Workflow) -> None:
        """Collect one batch."""
        for output, sample in zip(engine.state.output, engine.state.batch, strict=True):
            self._probabilities.append(output["pred"].numpy(force=True))
            self._reasons.append(sample[FAILED])
            self._kinds.append(sample[LEFT_OUT])
        features = self._features.take(len(engine.state.output)).numpy()
        if self._uncertainty is not None:
            self._distances.extend(self._uncertainty.gaussian.distances(features))

    def gathered(self) -> Collected:
        """Return what all processes of the job have of the set; each of them must ask."""
        count = len(self.slabs)
        probabilities, distances = gather(self._probabilities, count), gather(self._distances, count)
        reasons, kinds = gather(self._reasons, count), gather(self._kinds, count)
        # Of each slice in the order of the rows, its sample and its place there.
        places = sorted(
            (row, sample, place) for sample, slab in enumerate(self.slabs) for place, row in enumerate(slab)
        )
        sample_of = [sample for _, sample, _ in places]
        return Collected(
            np.reshape(probabilities, (-1, len(CLASSES[self.task])))[sample_of],
            [reasons[sample].split("\n")[place] for _, sample, place in places],
            None if self._uncertainty is None else np.array(distances)[sample_of],
            self._uncertainty,
            self._no_uncertainty,
            [kinds[sample].split("\n")[place] for _, sample, place in places],
        )
