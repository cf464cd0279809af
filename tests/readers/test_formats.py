import os

import numpy as np
import pytest
from pydicom.uid import ImplicitVRLittleEndian

from bundle.errors import InputError
from bundle.readers import read_dicom_slice
from bundle.readers.formats import Format, image_format, require_format
from tests.readers.dicom_examples import head_hu, make_dicom, write_dicom


@pytest.mark.parametrize("with_meta", [True, False])
@pytest.mark.parametrize("implicit", [True, False])
def test_a_data_set_without_preamble_is_read(tmp_path, with_meta, implicit):
    dataset = make_dicom(head_hu())
    if implicit:
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    whole = write_dicom(tmp_path / "whole.dcm", dataset)
    content = whole.read_bytes()[132:]
    if not with_meta:
        content = content[12 + int.from_bytes(content[8:12], "little") :]
    bare = tmp_path / "IM0001"
    bare.write_bytes(content)
    assert image_format(bare) is Format.DICOM
    np.testing.assert_array_equal(read_dicom_slice(bare)[0], read_dicom_slice(whole)[0])


@pytest.mark.parametrize(
    "content", [b"", b"\x08", b"text", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04" + b"\0" * 200, b"\0" * 400]
)
def test_other_files_without_a_suffix_are_none(tmp_path, content):
    (tmp_path / "README").write_bytes(content)
    assert image_format(tmp_path / "README") is None


@pytest.mark.parametrize("name", ["pipe", "pipe.dcm"])
def test_a_named_pipe_is_never_opened(tmp_path, name):
    os.mkfifo(tmp_path / name)
    assert image_format(tmp_path / name) is (None if name == "pipe" else Format.DICOM)
    with pytest.raises(InputError, match="is not a file"):
        require_format(tmp_path / name)
