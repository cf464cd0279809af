"""The classification loss of each task, from rows with partly unknown labels."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

from bundle.labels import ANY_INDEX, LABELS, SUBTYPES, UNKNOWN, num_classes
from bundle.losses.weighted_mean import weighted_mean

_SUBTYPES = slice(0, len(SUBTYPES))
_LOG_ZERO = -1e4


class HemorrhageLoss(nn.Module):
    """Cross-entropy between logits and six-valued labels that may be unknown.

    - ``subtype``: categorical cross-entropy over normal and the five subtypes. A slice with several subtypes has its
      target spread evenly over them; a bleed without a known subtype is scored by the summed probability of the
      subtypes that are unknown; a slice of which nothing is known is left out.
    - ``binary``: categorical cross-entropy over normal and hemorrhage; rows without a known *any* are left out.
    - ``multilabel``: RSNA's weighted log loss, six sigmoids of which *any* counts twice; unknown values are left out.

    Args:
        task: a key of `bundle.labels.CLASSES`.
        weights: one weight a class of the task. With softmax a row counts by the mean weight of its target's classes
            and the loss is the weighted mean (as in `torch.nn.CrossEntropyLoss`); with sigmoids the weight is that of
            the positive term (as in `torch.nn.BCEWithLogitsLoss`). None weighs all alike.
        over_processes: whether the batch is one of all processes, of which each holds a part, see
            `bundle.losses.weighted_mean.weighted_mean`.

    Raises:
        ValueError: for an unknown task, a wrong number of weights, or shapes that do not match the task.

    Example:
        ``HemorrhageLoss("subtype")(logits, labels)`` of [B, 6] logits and [B, 6] labels is a scalar; for a row with
        epidural and subdural blood it is ``-(log p_epidural + log p_subdural) / 2``.
    """

    weights: torch.Tensor
    label_weights: torch.Tensor

    def __init__(self, task: str, weights: Sequence[float] | None = None, over_processes: bool = False) -> None:
        super().__init__()
        self.task = task
        self.over_processes = over_processes
        self.num_classes = num_classes(task)
        values = torch.ones(self.num_classes) if weights is None else torch.as_tensor(weights, dtype=torch.float32)
        if values.shape != (self.num_classes,):
            raise ValueError(f"task {task} needs {self.num_classes} weights, got {len(values)}")
        self.register_buffer("weights", values, persistent=False)
        label_weights = torch.ones(len(LABELS))
        label_weights[ANY_INDEX] = 2
        self.register_buffer("label_weights", label_weights / label_weights.sum(), persistent=False)

    def forward(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Return the scalar loss of `logits` [B, C] against `labels` [B, 6] (1, 0 or `bundle.labels.UNKNOWN`)."""
        if logits.shape != (len(labels), self.num_classes) or labels.shape[1:] != (len(LABELS),):
            raise ValueError(
                f"task {self.task} needs logits [B, {self.num_classes}] and labels [B, {len(LABELS)}], "
                f"got {tuple(logits.shape)} and {tuple(labels.shape)}"
            )
        self.to(logits.device)
        logits = logits.float()
        if self.task == "multilabel":
            return self._sigmoid_loss(logits, labels)
        targets = self._targets(labels)
        return self._softmax_loss(logits, *targets)

    def _targets(self, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return which classes a row's target is spread over, [B, C] bool, and which rows score their sum, [B] bool."""
        bleed = labels[:, ANY_INDEX]
        classes = torch.zeros(len(labels), self.num_classes, dtype=torch.bool, device=labels.device)
        classes[:, 0] = bleed == 0
        if self.task == "binary":
            classes[:, 1] = bleed == 1
            return classes, torch.zeros_like(classes[:, 0])
        subtypes = labels[:, _SUBTYPES]
        present = subtypes == 1
        summed = (bleed == 1) & ~present.any(1)
        classes[:, 1:] = torch.where(summed[:, None], subtypes == UNKNOWN, present)
        return classes, summed

    def _softmax_loss(self, logits: torch.Tensor, classes: torch.Tensor, summed: torch.Tensor) -> torch.Tensor:
        log_p = F.log_softmax(logits, dim=1)
        count = classes.sum(1)
        known = count > 0
        count = count.clamp(min=1)
        spread = -(log_p * classes).sum(1) / count
        total = -torch.logsumexp(log_p.masked_fill(~classes, _LOG_ZERO), dim=1)
        row_weights = (self.weights * classes).sum(1) / count * known
        losses = torch.where(summed, total, spread)
        return weighted_mean(losses, row_weights, self.over_processes)

    def _sigmoid_loss(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        known = labels != UNKNOWN
        losses = F.binary_cross_entropy_with_logits(
            logits, labels.clamp(min=0), pos_weight=self.weights, reduction="none"
        )
        value_weights = self.label_weights * known
        return weighted_mean(losses, value_weights, self.over_processes)
