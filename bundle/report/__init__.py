"""What a person reads after an evaluation: tables, figures and one page."""

from bundle.report.evaluation import SENSITIVITIES, SPECIFICITIES, check_shares
from bundle.report.overlays import overlay_path
from bundle.report.picture_grid import picture_grid
from bundle.report.report import draw_figures, write_report
from bundle.report.summary import summarize

__all__ = [
    "SENSITIVITIES",
    "SPECIFICITIES",
    "check_shares",
    "draw_figures",
    "overlay_path",
    "picture_grid",
    "summarize",
    "write_report",
]
