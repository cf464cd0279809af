"""Ignite handlers of training and evaluation, beside MONAI's own."""

from bundle.handlers.check_divergence import CheckDivergence
from bundle.handlers.check_training_data import CheckTrainingData
from bundle.handlers.checkpoint import BestModel, CheckpointLoader, TrainingState
from bundle.handlers.early_stop import EarlyStop
from bundle.handlers.epoch_scalars import EpochScalars
from bundle.handlers.epoch_seed import EpochSeed
from bundle.handlers.evaluation_report import EvaluationReport
from bundle.handlers.explanation_check import ExplanationCheck
from bundle.handlers.feature_distances import FeatureDistances
from bundle.handlers.fit_clinical import FitClinical
from bundle.handlers.gradcam import GradCAMOverlays
from bundle.handlers.hemorrhage_metrics import HemorrhageMetrics, HemorrhageScores
from bundle.handlers.history import History
from bundle.handlers.hparams import hyperparameters
from bundle.handlers.keep_datalist import KeepDatalist
from bundle.handlers.pretrained import PretrainedWeights
from bundle.handlers.progress_bar import ProgressBar
from bundle.handlers.save_heads import SaveHeads
from bundle.handlers.save_uncertainty import SaveUncertainty
from bundle.handlers.set_loss import SetLoss
from bundle.handlers.summary_writer import open_run
from bundle.handlers.tensorboard_run import TensorBoardRun
from bundle.handlers.training_images import TrainingImages
from bundle.handlers.validate_last_epoch import ValidateLastEpoch
from bundle.handlers.validation_pictures import ValidationPictures
from bundle.handlers.validation_predictions import ValidationPredictions

__all__ = [
    "BestModel",
    "CheckDivergence",
    "CheckTrainingData",
    "CheckpointLoader",
    "EarlyStop",
    "EpochScalars",
    "EpochSeed",
    "EvaluationReport",
    "ExplanationCheck",
    "FeatureDistances",
    "FitClinical",
    "GradCAMOverlays",
    "HemorrhageMetrics",
    "HemorrhageScores",
    "History",
    "KeepDatalist",
    "PretrainedWeights",
    "ProgressBar",
    "SaveHeads",
    "SaveUncertainty",
    "SetLoss",
    "TensorBoardRun",
    "TrainingImages",
    "TrainingState",
    "ValidateLastEpoch",
    "ValidationPictures",
    "ValidationPredictions",
    "hyperparameters",
    "open_run",
]
