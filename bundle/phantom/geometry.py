"""Where the slices of a scan lie in the head: positioning, field of view, gantry tilt."""

from dataclasses import dataclass

import numpy as np

from bundle.phantom.points import Points
from bundle.phantom.shapes import Position

LOWEST, HIGHEST = -38.0, 67.0
"""First and last slice, mm above the commissures in a head of standard size: skull base to vertex."""
MAX_THICKNESS = 5.0


@dataclass(frozen=True)
class Geometry:
    """The grid of a scan; scanner coordinates are DICOM's (LPS, mm).

    Attributes:
        size: rows and columns.
        pixel: distance of two pixels, mm.
        heights: z of the middle of each slice, from inferior to superior, mm.
        thickness: of a slice, mm.
        tilt: of the gantry, radians.
        to_head: 3×3 matrix from (mm along the row, mm along the column, mm along the table) to head coordinates.
        centre: head coordinates of the image's middle at height 0.
    """

    size: int
    pixel: float
    heights: tuple[float, ...]
    thickness: float
    tilt: float
    to_head: np.ndarray
    centre: np.ndarray

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance between slices, rows and columns, mm."""
        gap = self.heights[1] - self.heights[0] if len(self.heights) > 1 else self.thickness
        return gap, self.pixel, self.pixel

    @property
    def orientation(self) -> tuple[float, ...]:
        """ImageOrientationPatient."""
        return 1.0, 0.0, 0.0, 0.0, float(np.cos(self.tilt)), float(np.sin(self.tilt))

    def position(self, index: int) -> Position:
        """Return ImagePositionPatient of slice `index`: the middle of its first pixel, LPS mm."""
        half = (self.size - 1) / 2 * self.pixel
        _, _, _, _, down, up = self.orientation
        return -half, -half * down, self.heights[index] - half * up

    def points(self, height: float) -> Points:
        """Return the pixels of the plane at `height` mm in head coordinates, [size * size] in reading order."""
        line = (np.arange(self.size) - (self.size - 1) / 2) * self.pixel
        along, down = line[None, :], line[:, None]
        rows = zip(self.to_head.tolist(), self.centre.tolist(), strict=True)
        axes = [a * along + b * down + (c * height + middle) for (a, b, c), middle in rows]
        return Points(*(axis.ravel().astype(np.float32) for axis in axes))

    def locate(self, point: Position) -> Position:
        """Return (mm along the row, mm along the column, height) of a point of the head."""
        along, down, height = np.linalg.solve(self.to_head, np.asarray(point) - self.centre).tolist()
        return along, down, height

    def snap(self, point: Position) -> Position:
        """Return `point` moved along the table to the middle of the nearest slice, so that no small bleed is missed."""
        _, _, height = self.locate(point)
        step = min((other - height for other in self.heights), key=abs)
        x, y, z = (np.asarray(point) + self.to_head[:, 2] * step).tolist()
        return x, y, z

    @property
    def down(self) -> Position:
        """Unit vector of gravity in the head of a patient who lies on the back."""
        # The columns of the image point to posterior even with a tilted gantry, which tilts them by little.
        x, y, z = (self.to_head[:, 1] / np.linalg.norm(self.to_head[:, 1])).tolist()
        return x, y, z


def draw_geometry(
    rng: np.random.Generator, scale: tuple[float, float, float], slices: int, size: int, tilt: float | None = None
) -> Geometry:
    """Draw how a patient whose head has `scale` lies in the scanner, and the grid of the scan.

    Args:
        rng: source of chance.
        scale: of the head, see `bundle.phantom.patient.Patient`.
        slices: number of slices.
        size: rows and columns.
        tilt: of the gantry in radians; None draws one.
    """
    pitch, lean, turn = np.deg2rad([rng.normal(0, 5), rng.normal(0, 2.5), rng.normal(0, 6)]).tolist()
    drawn = float(np.deg2rad(rng.uniform(-15, 15))) if rng.random() < 0.4 else 0.0
    tilt = drawn if tilt is None else tilt
    field = max(rng.uniform(215, 255), 222 * max(scale[:2]))
    rotation = _turn(0, 1, turn) @ _turn(1, 2, pitch - tilt) @ _turn(0, 2, lean)
    slant = np.array([[1, 0, 0], [0, np.cos(tilt), 0], [0, np.sin(tilt), 1]])
    to_head = rotation @ slant / np.asarray(scale)[:, None]
    jitter = rng.uniform(-4, 4)
    heights = np.linspace(LOWEST, HIGHEST, slices) * scale[2] + jitter if slices > 1 else np.array([jitter])
    gap = float(heights[1] - heights[0]) if slices > 1 else MAX_THICKNESS
    shift = np.array([rng.normal(0, 4), rng.normal(0, 4) - 4, 0.0])
    return Geometry(
        size=size,
        pixel=field / size,
        heights=tuple(heights.tolist()),
        thickness=round(min(MAX_THICKNESS, gap), 2),
        tilt=tilt,
        to_head=to_head,
        centre=to_head @ -shift,
    )


def _turn(first: int, second: int, angle: float) -> np.ndarray:
    matrix = np.eye(3)
    matrix[first, first] = matrix[second, second] = np.cos(angle)
    matrix[first, second], matrix[second, first] = -np.sin(angle), np.sin(angle)
    return matrix
