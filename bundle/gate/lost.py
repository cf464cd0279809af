"""Why a slice is not seen, whatever reads it."""

from typing import NamedTuple

from bundle.errors import find_input_error
from bundle.gate.judgement import LeftOut


class Lost(NamedTuple):
    """Why a slice is not seen."""

    reason: str
    kind: str = ""
    """What the image is instead of a head, see `bundle.gate.Kind`; "" for all others."""

    @classmethod
    def of(cls, error: Exception) -> "Lost":
        """Return what an error says, whatever one file has done.

        Example:
            >>> Lost.of(KeyError("BitsStored")).reason
            "KeyError: 'BitsStored'"
        """
        found = find_input_error(error)
        if isinstance(found, LeftOut):
            return cls(found.finding.reason, str(found.finding.kind))
        return cls(str(found or f"{type(error).__name__}: {error}"))
