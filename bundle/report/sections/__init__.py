"""The sections of the page, in their order.

A section is a template ``<name>.html.j2`` in this folder, and where it needs more than the summary a module that
computes its content and draws its figures.
"""

from bundle.report.sections.section import Section

SECTIONS = (
    Section("any_hemorrhage"),
    Section("labels"),
    Section("subtypes"),
    Section("not_computable"),
    Section("confusion"),
    Section("curves"),
    Section("overlays"),
    Section("mistakes"),
    Section("training"),
    Section("configuration"),
)
"""Every section of the page, from top to bottom."""

__all__ = ["SECTIONS", "Section"]
