"""Pixel data → stored values, by the decoders of pydicom 3, or of pydicom 2.4, which MONAI Label still needs."""

import numpy as np
import pydicom
from pydicom.uid import JPEG2000TransferSyntaxes, JPEGLSTransferSyntaxes, JPEGTransferSyntaxes, RLELossless

from bundle.readers.jpeg_header import check_jpeg

try:
    from pydicom.encaps import get_frame
    from pydicom.pixels import pixel_array

    _JPEG_LS, _RLE = "pyjpegls", "pydicom"

    def _decode(dataset: pydicom.Dataset, decoder: str) -> np.ndarray:
        return pixel_array(dataset, decoding_plugin=decoder)

    def _frame(dataset: pydicom.Dataset) -> bytes:
        return get_frame(dataset.PixelData, 0, number_of_frames=1)

except ImportError:
    from pydicom.encaps import generate_pixel_data_frame

    _JPEG_LS, _RLE = "jpeg_ls", "rle"

    def _decode(dataset: pydicom.Dataset, decoder: str) -> np.ndarray:
        dataset.convert_pixel_data(decoder)
        return dataset.pixel_array

    def _frame(dataset: pydicom.Dataset) -> bytes:
        return next(generate_pixel_data_frame(dataset.PixelData, 1))


# Without a choice pydicom tries one decoder after the other, and where the first finds a damaged frame, GDCM crashes.
_DECODERS = {
    **dict.fromkeys(JPEG2000TransferSyntaxes, "pylibjpeg"),
    **dict.fromkeys(JPEGLSTransferSyntaxes, _JPEG_LS),
    RLELossless: _RLE,
}


def stored_values(dataset: pydicom.Dataset, bits: int, signed: bool) -> np.ndarray:
    """Return the stored values, [H, W] integers, for most CT without pydicom's decoder, which doubles the time.

    Args:
        dataset: of one slice.
        bits: BitsStored.
        signed: PixelRepresentation.

    Raises:
        Exception: of any type where the pixel data is damaged, for each codec fails in its own way.
    """
    if not 0 < bits <= dataset.BitsAllocated:
        raise ValueError(f"BitsStored {bits} of BitsAllocated {dataset.BitsAllocated}")
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax.is_encapsulated or not syntax.is_little_endian or dataset.BitsAllocated != 16:
        if syntax in JPEGTransferSyntaxes:
            check_jpeg(_frame(dataset), dataset.Rows, dataset.Columns, dataset.BitsAllocated)
        return _decode(dataset, _DECODERS.get(syntax, ""))
    rows, columns = dataset.Rows, dataset.Columns
    stored = np.frombuffer(dataset.PixelData, "<i2" if signed else "<u2", rows * columns).reshape(rows, columns)
    high = bits - 1 if dataset.get("HighBit") is None else int(dataset.HighBit)
    return _lowered(stored, bits, high)


def _lowered(stored: np.ndarray, bits: int, high: int) -> np.ndarray:
    """Return values of 16 bits allocated that lie in their lowest bits, whatever lies above them.

    PS3.5, 8.1.1 has the highest bit at ``bits - 1``; before 2014 it could be any higher one, so that the values lay
    above unused bits. Writers also name a wrong bit beside values that lie in the lowest ones.

    Raises:
        ValueError: when the values lie in neither place.
    """
    unused, shift = 16 - bits, high + 1 - bits
    lowest = stored << unused >> unused if unused else stored
    if shift <= 0:
        return lowest
    if high < 16 and not (stored & ((1 << shift) - 1)).any():
        return stored << (15 - high) >> unused
    if np.array_equal(lowest, stored):
        return lowest
    raise ValueError(f"BitsStored {bits} and HighBit {high} fit no values")
