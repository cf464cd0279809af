"""Inference by MONAI's engine: tolerant reading, an exported network, collecting, and what is reported."""

from bundle.deploy.collect_outputs import CollectOutputs
from bundle.deploy.exported_network import ExportedNetwork
from bundle.deploy.results import InferenceResults
from bundle.deploy.tolerant import TolerantDataset

__all__ = [
    "CollectOutputs",
    "ExportedNetwork",
    "InferenceResults",
    "TolerantDataset",
]
