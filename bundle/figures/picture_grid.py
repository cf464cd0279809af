"""Many small pictures as one, each with its caption."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from skimage.util import montage

_GAP = 6


def picture_grid(pictures: Sequence[np.ndarray], captions: Sequence[str], columns: int, height: int) -> np.ndarray:
    """Return the pictures in rows from left to right, on black, each over its caption.

    Args:
        pictures: at least one, [H, W, 3] uint8; each is scaled, in proportion, to fit the first one's frame.
        captions: one a picture, of one or more lines; a line that is too long for the picture's width is made smaller.
        columns: pictures a row.
        height: of the pictures in pixels, without the caption.

    Returns:
        [rows, columns, 3] uint8.
    """
    width = round(pictures[0].shape[1] * height / pictures[0].shape[0])
    lines = max(caption.count("\n") for caption in captions) + 1
    tiles = [
        _tile(picture, caption, (width, height), lines) for picture, caption in zip(pictures, captions, strict=True)
    ]
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    return montage(np.stack(tiles), fill=(0, 0, 0), grid_shape=(rows, columns), padding_width=_GAP, channel_axis=-1)


def _tile(picture: np.ndarray, caption: str, frame: tuple[int, int], lines: int) -> np.ndarray:
    width, height = frame
    size = max(14, height // 11)
    image = Image.fromarray(picture)
    scale = min(width / image.width, height / image.height)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
    tile = Image.new("RGB", (width, height + lines * (size + 6)))
    tile.paste(image, ((width - image.width) // 2, (height - image.height) // 2))
    draw = ImageDraw.Draw(tile)
    for number, line in enumerate(caption.splitlines()):
        fitting = size * width / max(draw.textlength(line, ImageFont.load_default(size)), width)
        centre = (width / 2, height + number * (size + 6) + (size + 6) / 2)
        draw.text(centre, line, fill="white", font=ImageFont.load_default(fitting), anchor="mm")
    return np.asarray(tile)
