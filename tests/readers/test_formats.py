import os

import numpy as np
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ImplicitVRLittleEndian, MediaStorageDirectoryStorage

from bundle.errors import InputError, NoImage
from bundle.readers import read_dicom_slice
from bundle.readers.dicom_file import open_dicom
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


@pytest.mark.parametrize(
    ("modality", "sop_class", "kind"),
    [
        ("SR", "1.2.840.10008.5.1.4.1.1.88.67", "a structured report"),
        ("SR", "1.2.3", "a structured report"),
        ("PR", "1.2.840.10008.5.1.4.1.1.11.1", "a presentation state"),
        ("KO", "1.2.840.10008.5.1.4.1.1.88.59", "a selection of key objects"),
        ("DOC", "1.2.840.10008.5.1.4.1.1.104.1", "an encapsulated document"),
    ],
)
def test_an_object_without_an_image_is_no_damaged_slice(tmp_path, modality, sop_class, kind):
    elements = dict.fromkeys(("PixelData", "Rows", "Columns"))
    dataset = make_dicom(head_hu(), Modality=modality, SOPClassUID=sop_class)
    for keyword in elements:
        del dataset[keyword]
    path = write_dicom(tmp_path / "a.dcm", dataset)
    with pytest.raises(NoImage, match=f"is {kind}, which holds no image"):
        open_dicom(path, header_only=True)


def test_nor_is_an_index_of_files_of_any_name(tmp_path):
    dataset = make_dicom(head_hu(), Modality=None, SOPClassUID=None)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    dataset.save_as(tmp_path / "DIRFILE", enforce_file_format=True)
    with pytest.raises(NoImage, match="an index of files"):
        open_dicom(tmp_path / "DIRFILE")
