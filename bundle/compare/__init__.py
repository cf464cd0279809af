"""Models trained alike and compared: the paper's experiment on any datalist."""

from bundle.compare.comparison import compare
from bundle.compare.experiment import Experiment, Run
from bundle.compare.folds import write_folds
from bundle.compare.models import MODELS, Model, find_model
from bundle.compare.pooled import write_pooled
from bundle.compare.results import read_results
from bundle.compare.train import make_runs
from bundle.compare.write import write_comparison

__all__ = [
    "MODELS",
    "Experiment",
    "Model",
    "Run",
    "compare",
    "find_model",
    "make_runs",
    "read_results",
    "write_comparison",
    "write_folds",
    "write_pooled",
]
