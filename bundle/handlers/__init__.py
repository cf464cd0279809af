"""Ignite handlers of training and evaluation, beside MONAI's own."""

from bundle.handlers.checkpoint import BestModel, CheckpointLoader, TrainingState
from bundle.handlers.early_stop import EarlyStop
from bundle.handlers.epoch_seed import EpochSeed
from bundle.handlers.evaluation_report import EvaluationReport
from bundle.handlers.gradcam import GradCAMOverlays
from bundle.handlers.history import History
from bundle.handlers.pretrained import PretrainedWeights

__all__ = [
    "BestModel",
    "CheckpointLoader",
    "EarlyStop",
    "EpochSeed",
    "EvaluationReport",
    "GradCAMOverlays",
    "History",
    "PretrainedWeights",
    "TrainingState",
]
