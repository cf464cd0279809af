"""The sections of the page, in their order.

A section is a template ``<name>.html.j2`` in this folder, and where it needs more than the summary a module that
computes its content and draws its figures.
"""

from bundle.report.sections.section import Section
from bundle.report.sections.studies import draw_studies, studies
from bundle.report.sections.uncertainty import draw_uncertainty, uncertainty

SECTIONS = (
    Section("any_hemorrhage"),
    Section("labels"),
    Section("subtypes"),
    Section("not_computable"),
    Section("confusion"),
    Section("curves"),
    Section("uncertainty", uncertainty, draw_uncertainty),
    Section("studies", studies, draw_studies),
    Section("overlays"),
    Section("mistakes"),
    Section("training"),
    Section("configuration"),
)
"""Every section of the page, from top to bottom."""

__all__ = ["SECTIONS", "Section"]
