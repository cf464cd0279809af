"""What pages share: templates with their style, macros and filters."""

from bundle.pages.environment import data_uri, page_environment

__all__ = ["data_uri", "page_environment"]
