"""From a trained network to answers about files: tolerant reading, results, summaries."""

from bundle.deploy.results import InferenceResults
from bundle.deploy.tolerant import TolerantDataset

__all__ = ["InferenceResults", "TolerantDataset"]
