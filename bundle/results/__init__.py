"""From probabilities of slices to answers about heads: records, tables, a page, overlays and DICOM objects.

Neither PyTorch nor MONAI is imported here. What scored the slices, a checkpoint or an exported file, makes no
difference.
"""

from bundle.results.answer import NOTHING_SCORED, SOME_FAILED, Answer
from bundle.results.collected import Collected
from bundle.results.doubts import Doubts, find_doubts
from bundle.results.evidence_maps import EvidenceMaps
from bundle.results.exported import RUNTIMES, chosen_export, open_export
from bundle.results.inference import Inference, InferenceSettings
from bundle.results.model import TORCH, Model
from bundle.results.page import Page
from bundle.results.records import Records
from bundle.results.results import Results

__all__ = [
    "NOTHING_SCORED",
    "RUNTIMES",
    "SOME_FAILED",
    "TORCH",
    "Answer",
    "Collected",
    "Doubts",
    "EvidenceMaps",
    "Inference",
    "InferenceSettings",
    "Model",
    "Page",
    "Records",
    "Results",
    "chosen_export",
    "find_doubts",
    "open_export",
]
