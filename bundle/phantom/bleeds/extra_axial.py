"""Epidural and subdural bleeds: between the skull and the brain."""

from dataclasses import dataclass

import numpy as np

from bundle.phantom.bleeds.bleed import Bleed
from bundle.phantom.brain import Brain
from bundle.phantom.membranes import falx_extent, tentorium_extent, tentorium_height
from bundle.phantom.noise import SmoothNoise
from bundle.phantom.points import Points
from bundle.phantom.shapes import Position


@dataclass(frozen=True)
class _Collection(Bleed):
    """Blood against the inner table, thickest at `centre` and gone `radius` mm away.

    Attributes:
        side: 1 left, -1 right.
        centre: on the inner table.
        radius: of the area it covers.
        depth: greatest thickness.
        shift: by how much it pushes the midline, mm.
        noise: for its inner edge.
        roughness: of its inner edge, as a share of the thickness.
        flatness: 2 gives a lens, more a layer of even thickness with tapered ends.
    """

    side: int
    centre: Position
    radius: float
    depth: float
    shift: float
    noise: SmoothNoise
    roughness: float = 0.06
    flatness: int = 2

    def thickness(self, points: Points) -> np.ndarray:
        """Return how thick the blood is at `points`, [N] in mm."""
        spread = points.squared_distance(self.centre) / self.radius**2
        # It ends before the midline, where the falx or the sutures hold the dura to the bone.
        taper = np.clip((self.side * points.x - 3) / 8, 0, 1) * np.clip(self._above_base(points) / 8, 0, 1)
        thickness = self.depth * np.maximum(1 - spread ** (self.flatness // 2), 0) * taper
        there = thickness > 0
        thickness[there] *= 1 + self.roughness * self.noise(points.where(there), 38, 41)
        return thickness

    def _above_base(self, points: Points) -> np.ndarray:
        """Return by how many mm `points` are above the tentorium and the floor of the middle fossa."""
        return points.z - np.where(points.y > 10, tentorium_height(points), -30)

    def distance(self, brain: Brain) -> np.ndarray:
        """Return the distance to the blood, [N], negative inside."""
        thickness = self.thickness(brain.points)
        return np.where(thickness > 0.5, brain.depth - thickness, np.maximum(brain.depth, 1))

    def swelling(self, points: Points) -> np.ndarray:
        """Return by how much the bleed empties the sulci of its side, [N] in mm, negative."""
        return -0.14 * self.shift * np.clip(0.5 + self.side * points.x / 20, 0, 1)

    def source(self, points: Points) -> Points:
        """Return where what is at `points` was before the midline was pushed to the other side."""
        near = np.exp(-(((points.y - 0.5 * self.centre[1]) / 62) ** 2) - ((points.z - self.centre[2]) / 48) ** 2)
        push = self.side * self.shift * near * np.maximum(1 - (points.x / 66) ** 2, 0)
        return Points(points.x + push, points.y, points.z)


@dataclass(frozen=True)
class Epidural(_Collection):
    """A biconvex lens between inner table and dura that does not cross the midline."""

    subtype = "epidural"


@dataclass(frozen=True)
class Subdural(_Collection):
    """A crescent over one hemisphere."""

    subtype = "subdural"


@dataclass(frozen=True)
class FalxSubdural(Bleed):
    """A subdural bleed along one side of the falx.

    Attributes:
        side: 1 left, -1 right.
        width: thickness, mm.
        front: y at which it begins; it reaches to the occiput.
        top: z above which it ends.
    """

    subtype = "subdural"
    side: int
    width: float
    front: float
    top: float

    def distance(self, brain: Brain) -> np.ndarray:
        """Return the distance to the blood, [N], negative inside."""
        x, y, z = self.side * brain.source.x, brain.source.y, brain.source.z
        half = self.width / 2 * np.clip((y - self.front) / 25, 0.05, 1)
        sheet = np.abs(x - 0.4 - half) - half
        return np.maximum(np.maximum(sheet, falx_extent(brain.source)), np.maximum(self.front - y, z - self.top))


@dataclass(frozen=True)
class TentorialSubdural(Bleed):
    """A subdural bleed on one half of the tentorium: a broad band on slices that cut it obliquely.

    Attributes:
        side: 1 left, -1 right.
        width: thickness, mm.
    """

    subtype = "subdural"
    side: int
    width: float

    def distance(self, brain: Brain) -> np.ndarray:
        """Return the distance to the blood, [N], negative inside."""
        above = brain.source.z - tentorium_height(brain.source) - 0.5
        sheet = 0.9 * (np.abs(above - self.width / 2) - self.width / 2)
        return np.maximum(np.maximum(sheet, tentorium_extent(brain.source)), 2 - self.side * brain.source.x)
