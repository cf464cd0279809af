"""From a trained network to answers about files: tolerant reading, collecting, records, files and a summary."""

from bundle.deploy.collected import Collected, CollectOutputs
from bundle.deploy.dicom_objects import DicomObjects
from bundle.deploy.exported_network import ExportedNetwork
from bundle.deploy.page import Page
from bundle.deploy.results import InferenceResults
from bundle.deploy.tolerant import TolerantDataset

__all__ = [
    "CollectOutputs",
    "Collected",
    "DicomObjects",
    "ExportedNetwork",
    "InferenceResults",
    "Page",
    "TolerantDataset",
]
