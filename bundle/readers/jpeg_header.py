"""Check the header of a JPEG frame before GDCM sees it, which ends the whole process over a damaged one."""

import struct

_START, _SCAN = 0xD8, 0xDA
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_OTHERS = {0xC4, 0xCC, 0xDB, 0xDD, *range(0xE0, 0xF0), 0xFE}


def check_jpeg(frame: bytes, rows: int, columns: int, bits_allocated: int) -> None:
    """Check that the marker segments follow each other up to the scan, and fit the image (ITU-T T.81, annex B).

    Raises:
        ValueError: when they do not.
    """
    if frame[:2] != bytes((0xFF, _START)):
        raise ValueError("it does not begin as a JPEG")
    at, size = 2, None
    while True:
        try:
            prefix, marker, length = struct.unpack_from(">BBH", frame, at)
            if prefix == marker == 0xFF:  # any number of these may stand before a marker
                at += 1
                continue
            if prefix != 0xFF or marker not in _FRAMES | _OTHERS | {_SCAN}:
                raise ValueError(f"its JPEG header is damaged at byte {at}")
            if marker in _FRAMES:
                size = struct.unpack_from(">BHHB", frame, at + 4)
        except struct.error as error:
            raise ValueError("its JPEG header is cut short") from error
        if marker == _SCAN:
            break
        at += 2 + length
    if (
        size is None
        or not 2 <= size[0] <= 16
        or (size[0] > 8) != (bits_allocated > 8)
        or size[1:] != (rows, columns, 1)
    ):
        raise ValueError(f"its JPEG header (bits, rows, columns, colours: {size}) does not fit the image")
