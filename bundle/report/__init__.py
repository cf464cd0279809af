"""What a person reads after an evaluation: tables, figures and one page."""

from bundle.report.history import read_history
from bundle.report.overlays import overlay_path
from bundle.report.predictions import Predictions, read_predictions, write_predictions
from bundle.report.report import write_report
from bundle.report.summary import summarize

__all__ = [
    "Predictions",
    "overlay_path",
    "read_history",
    "read_predictions",
    "summarize",
    "write_predictions",
    "write_report",
]
