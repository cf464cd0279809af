"""The sections of the page, in their order.

A section is a template ``<name>.html.j2`` in this folder, and where it needs more than the summary a module that
computes its content and draws its figures.
"""

from bundle.report.sections.calibration import calibration, draw_calibration
from bundle.report.sections.cautions import cautions
from bundle.report.sections.confusion import draw_confusion
from bundle.report.sections.curves import draw_curves
from bundle.report.sections.explanation import check_explanation, draw_explanation
from bundle.report.sections.fairness import fairness
from bundle.report.sections.heads import draw_heads, heads
from bundle.report.sections.intervals import intervals
from bundle.report.sections.operating_points import operating_points
from bundle.report.sections.section import Section
from bundle.report.sections.studies import draw_studies, studies
from bundle.report.sections.training import draw_training
from bundle.report.sections.uncertainty import draw_uncertainty, uncertainty

SECTIONS = (
    Section("cautions", cautions),
    Section("data"),
    Section("any_hemorrhage"),
    Section("intervals", intervals),
    Section("operating_points", operating_points),
    Section("subtypes"),
    Section("not_computable"),
    Section("confusion", draw=draw_confusion),
    Section("curves", draw=draw_curves),
    Section("calibration", calibration, draw_calibration),
    Section("fairness", fairness),
    Section("uncertainty", uncertainty, draw_uncertainty),
    Section("heads", heads, draw_heads),
    Section("studies", studies, draw_studies),
    Section("mistakes"),
    Section("overlays"),
    Section("explanation", check_explanation, draw_explanation),
    Section("training", draw=draw_training),
    Section("hardware"),
    Section("configuration"),
)
"""Every section of the page, from top to bottom."""

__all__ = ["SECTIONS", "Section"]
