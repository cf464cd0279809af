"""How slices are displayed: windows of CT and the strength of a heat map. Names and numbers, no torch."""

from typing import NamedTuple


class DisplayWindow(NamedTuple):
    """A window of CT: what is below ``level - width / 2`` is black, above ``level + width / 2`` white."""

    name: str
    level: int
    """HU."""
    width: int
    """HU."""


BRAIN = DisplayWindow("brain", 40, 80)
SUBDURAL = DisplayWindow("subdural", 80, 200)
BONE = DisplayWindow("bone", 600, 2800)
WINDOWS = (BRAIN, SUBDURAL, BONE)

HEAT_OPACITY = 0.5
"""Share of the colour where the heat is 1; elsewhere the share is proportional to the heat."""
