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
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax.is_encapsulated or not syntax.is_little_endian or dataset.BitsAllocated != 16:
        if syntax in JPEGTransferSyntaxes:
            check_jpeg(_frame(dataset), dataset.Rows, dataset.Columns, dataset.BitsAllocated)
        return _decode(dataset, _DECODERS.get(syntax, ""))
    rows, columns = dataset.Rows, dataset.Columns
    stored = np.frombuffer(dataset.PixelData, "<i2" if signed else "<u2", rows * columns).reshape(rows, columns)
    unused = 16 - bits
    return stored << unused >> unused if unused else stored
