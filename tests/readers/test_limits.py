import struct
import zlib

import nibabel as nib
import numpy as np
import pytest
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import DeflatedExplicitVRLittleEndian, RLELossless

from bundle.errors import InputError
from bundle.readers import HeadImageReader, limits
from bundle.readers.dicom_file import open_dicom
from tests.readers.dicom_examples import head_hu, make_dicom, write_dicom


def read(path):
    reader = HeadImageReader()
    return reader.get_data(reader.read(path))


def write_png(path, side):
    """Write a black PNG of a few kilobytes, whatever its side."""
    compress = zlib.compressobj(9)
    lines = b"".join(compress.compress(b"\0" * (side + 1)) for _ in range(side)) + compress.flush()
    content = b"\x89PNG\r\n\x1a\n"
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    for name, part in ((b"IHDR", header), (b"IDAT", lines), (b"IEND", b"")):
        content += struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part))
    path.write_bytes(content)
    return path


def write_rle(path, side):
    """Write a CT whose header and run lengths promise a square of zeros."""
    dataset = make_dicom(head_hu())
    dataset.Rows = dataset.Columns = side
    dataset.file_meta.TransferSyntaxUID = RLELossless
    segment = b"\x81\x00" * (side * side // 128 + 1)
    dataset.PixelData = encapsulate([struct.pack("<16L", 2, 64, 64 + len(segment), *[0] * 13) + segment * 2])
    dataset["PixelData"].is_undefined_length = True
    return write_dicom(path, dataset)


@pytest.mark.parametrize(("write", "name"), [(write_png, "a.png"), (write_rle, "a.dcm")])
def test_an_image_larger_than_any_head_ct_is_refused_before_it_is_decoded(tmp_path, monkeypatch, write, name):
    path = write(tmp_path / name, 5000)
    with pytest.raises(
        InputError, match=r"has 25,000,000 pixels, more than 16,777,216; .*HEAD_IMAGE_MAX_PIXELS=25000000"
    ):
        read(path)
    monkeypatch.setenv(limits.VARIABLE, "25000000")
    array, _ = read(path)
    assert array.shape == (5000, 5000)


def test_so_is_one_that_is_too_large_for_pillow(tmp_path, monkeypatch):
    path = write_png(tmp_path / "a.png", 200)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)
    with pytest.raises(InputError, match=r"has more than 20,000 pixels, which Pillow does not read; leave it out"):
        read(path)


def test_so_is_a_volume(tmp_path, monkeypatch):
    path = tmp_path / "a.nii"
    nib.save(nib.Nifti1Image(np.zeros((8, 8, 8), np.int16), np.eye(4)), path)
    monkeypatch.setenv(limits.VARIABLE, "15")
    with pytest.raises(
        InputError, match="has 512 voxels, more than 480; leave it out, or set HEAD_IMAGE_MAX_PIXELS=16"
    ):
        read(path)
    monkeypatch.setenv(limits.VARIABLE, "16")
    assert read(path)[0].shape == (8, 8, 8)


@pytest.mark.parametrize("header_only", [True, False])
def test_so_is_a_deflated_data_set(tmp_path, monkeypatch, header_only):
    dataset = make_dicom(head_hu())
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.TextValue = "0" * 10_000
    path = write_dicom(tmp_path / "a.dcm", dataset)
    monkeypatch.setenv(limits.VARIABLE, str(32 * 32))
    assert open_dicom(path, header_only).shape == (32, 32)
    dataset.TextValue = "0" * 20_000
    write_dicom(path, dataset)
    with pytest.raises(InputError, match="is compressed and unpacks to more than 16,384 bytes"):
        open_dicom(path, header_only)


@pytest.mark.parametrize("text", ["0", "-1", "1e9", "many"])
def test_a_limit_is_a_number_of_pixels(tmp_path, monkeypatch, text):
    monkeypatch.setenv(limits.VARIABLE, text)
    with pytest.raises(InputError, match=f"HEAD_IMAGE_MAX_PIXELS is '{text}'; set it to a whole number of pixels"):
        read(write_png(tmp_path / "a.png", 8))
