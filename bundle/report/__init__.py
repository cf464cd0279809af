"""What a person reads after an evaluation: tables, figures and one page."""

from bundle.report.evaluation import SENSITIVITIES, SPECIFICITIES, check_shares
from bundle.report.history import read_history
from bundle.report.overlays import overlay_path
from bundle.report.picture_grid import picture_grid
from bundle.report.predictions import Predictions, read_predictions, write_predictions
from bundle.report.report import draw_figures, write_report
from bundle.report.summary import describe_slice, describe_truth, find_mistakes, summarize

__all__ = [
    "SENSITIVITIES",
    "SPECIFICITIES",
    "Predictions",
    "check_shares",
    "describe_slice",
    "describe_truth",
    "draw_figures",
    "find_mistakes",
    "overlay_path",
    "picture_grid",
    "read_history",
    "read_predictions",
    "summarize",
    "write_predictions",
    "write_report",
]
