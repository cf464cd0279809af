"""Slices that were scored, read once more for what else their pixels say."""

from collections.abc import Mapping
from typing import Any

from bundle.errors import InputError
from bundle.readers import SlicePixels, read_slice
from bundle.readers.head_files import HeadFiles


def read_again(row: Mapping[str, Any], files: HeadFiles | None = None) -> SlicePixels | None:
    """Return the slice that a row names; None where its file is gone since: the row is judged by what it was then.

    Args:
        row: of the slice, see `bundle.readers.read_slice`.
        files: a reader, as there.
    """
    try:
        return read_slice(row, files)
    except InputError:
        return None
