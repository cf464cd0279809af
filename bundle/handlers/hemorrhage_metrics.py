"""The figures of a validation, gathered over iterations and processes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from ignite.engine import Engine
from ignite.exceptions import NotComputableError
from ignite.metrics import Metric
from ignite.metrics.metric import reinit__is_reduced
from monai.handlers import from_engine
from monai.metrics import CumulativeIterationMetric

from bundle.errors import InputError
from bundle.labels import LABELS, class_names
from bundle.metrics.classification import METRIC_NAMES, classification_metrics
from bundle.parallel.processes import from_rank_zero
from bundle.predictions import THRESHOLD, SliceSmoothing


class HemorrhageScores(CumulativeIterationMetric):
    """Collect probabilities and labels, and compute `classification_metrics` of all of them, over all processes.

    Args:
        task: a key of `bundle.labels.CLASSES`.
        threshold: P(any) from which on a slice is called a bleed.
        smoothing: of the gathered probabilities by their neighbours; None takes each slice alone. Where
            `bundle.parallel.sampler.DistributedSequentialSampler` divides the set among processes, what is gathered
            beyond its rows fills up the last parts, and is dropped.

    Raises:
        ValueError: when the task is unknown.

    Example:
        ``scores(y_pred, y)`` takes a batch, [B, C] and [B, 6], or lists of [C] and [6]; ``scores.aggregate()`` returns
        the figures, ``scores.get_buffer()`` the gathered [N, C] and [N, 6].
    """

    def __init__(
        self,
        task: str,
        threshold: float = THRESHOLD,
        smoothing: SliceSmoothing | None = None,
    ) -> None:
        super().__init__()
        self.classes = class_names(task)
        self.task = task
        self.threshold = threshold
        self.smoothing = smoothing

    def _compute_tensor(self, y_pred: torch.Tensor, y: torch.Tensor | None = None, **kwargs: Any) -> Any:
        if not (isinstance(y_pred, torch.Tensor) and isinstance(y, torch.Tensor)):
            raise TypeError(f"y_pred and y must be tensors, got {type(y_pred).__name__} and {type(y).__name__}")
        if not y_pred.is_floating_point():
            raise TypeError(f"y_pred must be floating point, got {y_pred.dtype}")
        classes = len(self.classes)
        if y_pred.ndim != 2 or y_pred.shape[1] != classes:
            raise ValueError(f"y_pred of task {self.task} must have shape [B, {classes}], got {tuple(y_pred.shape)}")
        if y.shape != (len(y_pred), len(LABELS)):
            raise ValueError(f"y must have shape [{len(y_pred)}, {len(LABELS)}], got {tuple(y.shape)}")
        return y_pred.float(), y.float()

    def get_buffer(self) -> Any:
        """Return the gathered probabilities [N, C], smoothed, and labels [N, 6]; None when nothing was collected."""
        buffers = self.get_alone()
        if buffers is None:
            return None
        probabilities, labels = buffers
        if self.smoothing is not None:
            probabilities = torch.from_numpy(self.smoothing(probabilities.numpy(force=True))).to(probabilities)
        return [probabilities, labels]

    def get_alone(self) -> Any:
        """Return the same, each slice without its neighbours."""
        buffers = super().get_buffer()
        if buffers is None or self.smoothing is None:
            return buffers
        return [buffer[: self.smoothing.size] for buffer in buffers]

    def aggregate(self) -> dict[str, float | None]:
        """Return every figure of `METRIC_NAMES`; None where it cannot be computed.

        Raises:
            InputError: when a probability is not a number.
            NotComputableError: when nothing was collected.
        """
        alone = self.get_alone()
        if alone is None:
            raise NotComputableError("the hemorrhage metrics need at least one batch before they are computed")
        if broken := int(alone[0].isnan().any(dim=1).sum()):
            raise InputError(
                f"the network's probabilities of {broken} of {len(alone[0])} slices are not numbers",
                "its weights are too large, as of a training that diverged: train again with a smaller --learning_rate",
            )
        probabilities, labels = (buffer.numpy(force=True) for buffer in self.get_buffer())
        return from_rank_zero(classification_metrics, probabilities, labels, self.task, self.threshold)


class HemorrhageMetrics(Metric):
    """Put every figure of `METRIC_NAMES` that can be computed into ``engine.state.metrics``, as plain floats.

    The gathered probabilities [N, C] and labels [N, 6] are left in ``engine.state.metric_details`` under
    ``"probabilities"`` and ``"labels"`` (float32 tensors on the CPU) for the handlers, with ``"rows"``, ``"task"``, and
    under ``"alone"`` the probabilities before smoothing, and ``"slice_smoothing"``; see
    `bundle.handlers.evaluator_predictions.evaluator_predictions`.

    Attach it to a MONAI evaluator beside a key metric, under any name, or as the key metric under the name of a
    figure, such as ``auc_any``. A key figure that cannot be computed is NaN, as with MONAI's ROC AUC: MONAI reads it
    whatever happens, and NaN is never better than a number.

    Args:
        task: a key of `bundle.labels.CLASSES`.
        output_transform: takes ``engine.state.output`` and returns probabilities and labels, [B, C] and [B, 6], or
            lists of [C] and [6]; None takes what is under "pred" and "label".
        threshold: P(any) from which on a slice is called a bleed.
        rows: of the whole set, in its order, also where it is divided among processes, see `HemorrhageScores`; handlers
            that look at single slices need them.
        slice_smoothing: standard deviation in mm of `bundle.predictions.SliceSmoothing` over these rows; 0 takes each
            slice alone.

    Raises:
        ValueError: when the task is unknown, or on `attach` as key metric under a name that is no figure's.
    """

    def __init__(
        self,
        task: str,
        output_transform: Callable[[Any], Any] | None = None,
        threshold: float = THRESHOLD,
        rows: Sequence[Mapping[str, Any]] | None = None,
        slice_smoothing: float = 0.0,
    ) -> None:
        smoothing = None if rows is None else SliceSmoothing(rows, slice_smoothing)
        self.rows = rows
        self.scores = HemorrhageScores(task, threshold, smoothing)
        super().__init__(
            output_transform or from_engine(["pred", "label"]), skip_unrolling=True, metrics_result_mode="flatten"
        )

    @reinit__is_reduced
    def reset(self) -> None:
        """Forget what was collected."""
        self.scores.reset()

    @reinit__is_reduced
    def update(self, output: Sequence[Any]) -> None:
        """Collect one batch of (probabilities, labels)."""
        if len(output) != 2:
            raise ValueError(f"the output must be probabilities and labels, got {len(output)} items")
        y_pred, y = output
        if len(y_pred) != len(y):
            raise ValueError(f"there must be as many labels as probabilities, got {len(y)} and {len(y_pred)}")
        self.scores(y_pred, y)

    def compute(self) -> dict[str, float]:
        """Return the figures that can be computed.

        Raises:
            InputError, NotComputableError: see `HemorrhageScores.aggregate`.
        """
        return {name: value for name, value in self.scores.aggregate().items() if value is not None}

    def attach(self, engine: Engine, name: str, *args: Any, **kwargs: Any) -> None:
        """Attach to the evaluator."""
        if name == getattr(engine.state, "key_metric_name", None) and name not in METRIC_NAMES:
            raise ValueError(f"the key metric must be one of {', '.join(METRIC_NAMES)}, got {name!r}")
        super().attach(engine, name, *args, **kwargs)
        if not hasattr(engine.state, "metric_details"):
            engine.state.metric_details = {}  # type: ignore[attr-defined]

    def completed(self, engine: Engine, name: str) -> None:
        """Write the figures and the gathered scores into the engine's state."""
        for each in METRIC_NAMES:
            engine.state.metrics.pop(each, None)
        super().completed(engine, name)
        if name == getattr(engine.state, "key_metric_name", None):
            engine.state.metrics.setdefault(name, float("nan"))
        probabilities, labels = (each.cpu() for each in self.scores.get_buffer())
        alone = self.scores.get_alone()[0].cpu()
        details = engine.state.metric_details  # type: ignore[attr-defined]
        details.update(
            probabilities=probabilities,
            alone=alone,
            labels=labels,
            rows=self.rows,
            task=self.scores.task,
            slice_smoothing=0.0 if self.scores.smoothing is None else self.scores.smoothing.sigma,
        )
