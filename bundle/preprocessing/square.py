"""Where an image lies in a square."""

from typing import NamedTuple


class Placed(NamedTuple):
    """An image that was resized into a square, pixels."""

    height: int
    width: int
    top: int
    left: int

    @property
    def rows(self) -> slice:
        """Its rows in the square."""
        return slice(self.top, self.top + self.height)

    @property
    def columns(self) -> slice:
        """Its columns in the square."""
        return slice(self.left, self.left + self.width)


def square_around(height: int, width: int) -> Placed:
    """Return where an image lies in the square of its longer side.

    Example:
        >>> square_around(512, 400)
        Placed(height=512, width=400, top=0, left=56)
    """
    return placed_in_square(height, width, max(height, width))


def placed_in_square(height: int, width: int, size: int) -> Placed:
    """Return where an image lies whose longer side is resized to that of a square.

    Example:
        >>> placed_in_square(216, 266, 160)
        Placed(height=130, width=160, top=15, left=0)
    """
    scale = size / max(height, width)
    inner = max(1, round(height * scale)), max(1, round(width * scale))
    return Placed(*inner, *((size - length) // 2 for length in inner))
