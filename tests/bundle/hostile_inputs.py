"""Inputs that broke other people's software, each made anew; every writer returns image → what is to be said of it."""

import contextlib
import os
import socket
import struct
import zlib
from pathlib import Path

import nibabel
import numpy as np
from PIL import Image
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate, get_frame
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    SecondaryCaptureImageStorage,
    generate_uid,
)

from tests.readers.dicom_examples import head_hu, make_dicom, write_dicom
from tests.readers.test_limits import write_png, write_rle

Said = dict[str, str]

SIZE = 64
_PREAMBLE = 132


def ct(**elements: object) -> Dataset:
    """Return a CT slice of a study and a series of its own."""
    uids = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    return make_dicom(head_hu(SIZE), **uids | elements)


def write_good(root: Path) -> str:
    """Write the one slice whose value must not change, and return its name."""
    name = "good/slice.dcm"
    write_dicom(root / name, make_dicom(head_hu(SIZE), SOPInstanceUID="1.2.3"))
    return name


def write_damaged(root: Path) -> Said:
    """Write files that have to fail, and return image → part of the reason."""
    series, study = generate_uid(), generate_uid()
    for index in range(6):
        dataset = ct(StudyInstanceUID=study, SeriesInstanceUID=series, ImagePositionPatient=[0, 0, 5 * index])
        dataset.compress(RLELossless, generate_instance_uid=False)
        if index in (0, 2, 5):  # the first and the last of a batch, and one between
            frame = get_frame(dataset.PixelData, 0, number_of_frames=1)
            dataset.PixelData = encapsulate([frame[: len(frame) // 2]])
        write_dicom(root / "cut" / f"{index}.dcm", dataset)
    write_dicom(root / "flat.dcm", ct(RescaleSlope=0))
    two = ct()
    two.RescaleIntercept = [-1024, -1000]
    write_dicom(root / "two.dcm", two)
    write_dicom(root / "no_bits.dcm", ct(BitsStored=None))
    write_dicom(root / "no_unit.dcm", ct(RescaleIntercept=None))
    whole = write_dicom(root / "short.dcm", ct())
    whole.write_bytes(whole.read_bytes()[: -SIZE * SIZE])
    (root / "text.dcm").write_bytes(b"no DICOM at all" * 40)
    (root / "nothing.png").touch()
    (root / "head.nii.gz").write_bytes(b"\x1f\x8b" + bytes(60))
    return {f"cut/{index}.dcm": "cannot be decoded" for index in (0, 2, 5)} | {
        "flat.dcm": "RescaleSlope of 0",
        "two.dcm": "RescaleIntercept (-1024.0, -1000.0)",
        "no_bits.dcm": "cannot be decoded",
        "no_unit.dcm": "without RescaleIntercept",
        "short.dcm": "cut short",
        "text.dcm": "not a DICOM file",
        "nothing.png": "is empty",
        "head.nii.gz": "not a readable NIfTI",
    }


def write_bombs(root: Path) -> Said:
    """Write small files that would unpack to gigabytes, and return image → part of the reason."""
    write_png(root / "bomb.png", 13_000)
    write_rle(root / "bomb.dcm", 20_000)
    _write_deflated(root / "deflated.dcm", 300 << 20)
    header = nibabel.Nifti1Header()
    header.set_data_dtype(np.int16)
    header["dim"] = [3, 20_000, 20_000, 20_000, 1, 1, 1, 1]
    (root / "bomb.nii").write_bytes(header.binaryblock + struct.pack("<4B", 0, 0, 0, 0))
    return {
        "bomb.png": "169,000,000 pixels",
        "bomb.dcm": "400,000,000 pixels",
        "deflated.dcm": "unpacks to more than",
        "bomb.nii": "8,000,000,000,000 voxels",
    }


def write_no_files(root: Path) -> Said:
    """Write what is no file that could be opened, and return its name → part of the reason."""
    (root / "dangling.dcm").symlink_to(root / "nowhere")
    (root / "endless.dcm").symlink_to("/dev/zero")
    (root / "itself.dcm").symlink_to("itself.dcm")
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as listening, contextlib.chdir(root):  # its path may have 108 bytes at most
        listening.bind("socket")
    return {
        **dict.fromkeys(("dangling.dcm", "itself.dcm"), "leads nowhere"),
        **dict.fromkeys(("endless.dcm", "pipe", "socket"), "named pipe, a socket or a device"),
    }


def write_odd_names(root: Path) -> list[str]:
    """Write sound slices whose names break file systems, tables or spreadsheets, and return their names as shown."""
    deep = "/".join(f"{level}" * 60 for level in range(1, 6))
    latin = os.fsdecode(b"names/M\xfcller.dcm")
    names = (latin, f"{deep}/a.dcm", "names/a/b.dcm", "names/a_b.dcm", "=1+1.dcm", "linked_to/1.dcm", "names/IM0001")
    for name in names:
        path = write_dicom(root / name, ct())
        if name.endswith("IM0001"):  # a data set without preamble, prefix and suffix
            path.write_bytes(path.read_bytes()[_PREAMBLE:])
    (root / "names" / "loop").symlink_to(root)
    elsewhere = root.with_name("elsewhere")
    (root / "linked_to").rename(elsewhere)
    (root / "linked_to").symlink_to(elsewhere)
    return ["names/M\\xfcller.dcm", *names[1:4], "'=1+1.dcm", *names[5:]]


def write_left_out(root: Path) -> Said:
    """Write what is sound and no axial head CT in HU, and return image → kind."""
    capture = {"SOPClassUID": SecondaryCaptureImageStorage, "ImageType": ["DERIVED", "SECONDARY"]}
    surview = capture | {"ImageType": ["DERIVED", "SECONDARY", "REF_SURVIEW"]}
    sagittal = {"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]}
    write_dicom(root / "surview.dcm", ct(**surview, **sagittal))
    write_dicom(root / "capture.dcm", ct(**capture))
    write_dicom(root / "flow.dcm", ct(ImageType=["DERIVED", "PRIMARY", "PERFUSION", "CBF"], RescaleType="US"))
    write_dicom(root / "iodine.dcm", ct(RescaleType="MGML"))
    write_dicom(root / "coronal.dcm", ct(ImageOrientationPatient=[1, 0, 0, 0, 0, -1]))
    write_dicom(root / "knee.dcm", ct(BodyPartExamined="KNEE"))
    write_dicom(root / "constant.dcm", make_dicom(np.full((SIZE, SIZE), 40), StudyInstanceUID=generate_uid()))
    for name, modality, sop_class in (
        ("report.dcm", "SR", "1.2.840.10008.5.1.4.1.1.88.67"),
        ("PR0001", "PR", "1.2.840.10008.5.1.4.1.1.11.1"),
        ("document.dcm", "DOC", "1.2.840.10008.5.1.4.1.1.104.1"),
        ("DIRFILE", "", "1.2.840.10008.1.3.10"),
    ):
        dataset = ct(Modality=modality, SOPClassUID=sop_class)
        for keyword in ("PixelData", "Rows", "Columns"):
            del dataset[keyword]
        write_dicom(root / name, dataset)
    (root / "notes.txt").write_text("beside the images")
    (root / "DICOMDIR").write_bytes(bytes(128) + b"DICM")
    Image.new("L", (SIZE, SIZE)).save(root / "black.png")
    alpha = Image.new("RGBA", (SIZE, SIZE))
    alpha.putalpha(Image.fromarray(np.random.default_rng(0).integers(0, 255, (SIZE, SIZE), np.uint8)))
    alpha.save(root / "alpha.png")
    bleed = np.zeros((32, 32, 4), np.uint8)
    bleed[8:20, 8:20] = 3
    nibabel.save(nibabel.Nifti1Image(bleed, np.diag([-1, -1, 5, 1])), root / "mask.nii.gz")
    return {
        "surview.dcm": "scout",
        "capture.dcm": "secondary capture",
        "flow.dcm": "perfusion map",
        "iodine.dcm": "derived map",
        "coronal.dcm": "not axial",
        "knee.dcm": "not a head",
        **dict.fromkeys(("report.dcm", "PR0001", "document.dcm", "DIRFILE", "DICOMDIR", "notes.txt"), "no image"),
        **dict.fromkeys(("black.png", "alpha.png", "constant.dcm"), "empty"),
        "mask.nii.gz": "label map",
    }


def write_cautions(root: Path) -> Said:
    """Write what is scored and always referred, and return image → kind."""
    write_dicom(root / "bone.dcm", ct(ConvolutionKernel="H60s"))
    write_dicom(root / "contrast.dcm", ct(SeriesDescription="HEAD C+"))
    write_dicom(root / "mr.dcm", ct(Modality="MR", RescaleIntercept=0))
    volume = np.stack([head_hu(SIZE)] * 3, axis=-1) + np.random.default_rng(0).integers(-20, 20, (SIZE, SIZE, 3))
    shifted = nibabel.Nifti1Image((volume + 1024).astype(np.uint16), np.diag([-1, -1, 5, 1]))
    nibabel.save(shifted, root / "plus.nii.gz")
    return {"bone.dcm": "bone kernel", "contrast.dcm": "contrast", "mr.dcm": "MR", "plus.nii.gz": "shifted CT"}


def write_two_kernels(root: Path) -> Said:
    """Write two reconstructions of one scan under one SeriesInstanceUID, and return the first slice left out → kind."""
    uids = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    for kernel in ("H31s", "H60s"):
        for index in range(3):
            place = {"ImagePositionPatient": [0, 0, 5 * index], "ConvolutionKernel": kernel}
            write_dicom(root / "kernels" / f"{kernel}_{index}.dcm", ct(**uids, **place))
    return {"kernels/H60s_0.dcm": "bone kernel"}


def _write_deflated(path: Path, zeros: int) -> None:
    """Write a deflated data set (PS3.5, A.5) of nothing but one element of zeros."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, generate_uid()
    meta = write_dicom(path, dataset).read_bytes()
    _, _, begin = meta.partition(b"\x02\x00\x00\x00UL\x04\x00")
    meta = meta[: _PREAMBLE + 12 + int.from_bytes(begin[:4], "little")]
    deflater = zlib.compressobj(1, wbits=-zlib.MAX_WBITS)
    body = deflater.compress(struct.pack("<HH2sxxI", 0x7FE0, 0x0010, b"OB", zeros))
    body += b"".join(deflater.compress(bytes(1 << 20)) for _ in range(zeros >> 20)) + deflater.flush()
    path.write_bytes(meta + body)
