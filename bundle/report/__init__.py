"""What a person reads after an evaluation: tables, figures and one page."""

from bundle.report.calibratable import checkpoint_digest, require_calibratable
from bundle.report.evaluation import SENSITIVITIES, SPECIFICITIES, Evaluation, check_shares
from bundle.report.overlays import overlay_path
from bundle.report.report import draw_figures, write_report
from bundle.report.sections import SECTIONS

__all__ = [
    "SECTIONS",
    "SENSITIVITIES",
    "SPECIFICITIES",
    "Evaluation",
    "check_shares",
    "checkpoint_digest",
    "draw_figures",
    "overlay_path",
    "require_calibratable",
    "write_report",
]
