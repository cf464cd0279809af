"""Random damage to image files: elements of a DICOM header, and bytes of any file."""

import random
from io import BytesIO
from pathlib import Path

import gdcm
import nibabel
import numpy as np
import pydicom
from PIL import Image
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from bundle.phantom import Manifest, write_phantoms

PIXEL_DATA = Tag("PixelData")
_SYNTAXES = (RLELossless, JPEG2000Lossless, JPEGLSLossless)
_NUMBERS = ("", "-1", "0 ", "nan ", "inf ", "1e400 ", "9" * 400, "1\\2 ", "1\\2\\3\\4\\5\\6 ", "0\\0\\0\\0\\0\\0 ")
_TEXTS = ("\\", "abc ", "é ", "\x1b$B ", "LOCALIZER ", "RGB ", "MONOCHROME1 ", "MR", "SR")
_WORDS = (b"\0\0", b"\x01\0", b"\x08\0", b"\x0c\0", b"\x20\0", b"\0\x80", b"\xff\xff", b"\xff" * 64)
_VALUES = (*(text.encode() for text in _NUMBERS + _TEXTS), *_WORDS)


def write_images(folder: Path, size: int) -> list[Path]:
    """Write a phantom's slices, and one of them in other transfer syntaxes, bare, as NIfTI, PNG and JPEG."""
    write_phantoms(folder / "phantom", Manifest(patients=1, slices=4, size=size), processes=1)
    files = sorted((folder / "phantom" / "stage_2_train").iterdir())
    stored = pydicom.dcmread(files[1]).pixel_array
    for syntax in _SYNTAXES:
        compressed = pydicom.dcmread(files[1])
        compressed.compress(syntax, generate_instance_uid=False)
        compressed.save_as(folder / f"{syntax.keyword}.dcm")
    for syntax in (DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian):
        again = pydicom.dcmread(files[1])
        again.file_meta.TransferSyntaxUID = syntax
        again.save_as(folder / f"{syntax.keyword}.dcm", implicit_vr=syntax.is_implicit_VR, little_endian=True)
    _write_jpeg_lossless(files[1], folder / "JPEGLossless.dcm")
    (folder / "bare").write_bytes(files[2].read_bytes()[132:])
    volume = nibabel.Nifti1Image(np.stack([stored.astype(np.int16)] * 4, axis=-1) - 1024, np.diag([-1, -1, 5, 1]))
    for name in ("head.nii", "head.nii.gz"):
        nibabel.save(volume, folder / name)
    picture = Image.fromarray((stored % 256).astype(np.uint8))
    picture.save(folder / "head.png")
    picture.save(folder / "head.jpg")
    return [*files, *sorted(path for path in folder.iterdir() if path.is_file())]


def damaged(content: bytes, draw: random.Random) -> bytes:
    """Return a file with an element of its header, or some of its bytes, changed."""
    if draw.random() < 0.5 and content[128:132] == b"DICM":
        return _with_other_elements(content, draw)
    return _with_other_bytes(content, draw)


def _with_other_elements(content: bytes, draw: random.Random) -> bytes:
    dataset = pydicom.dcmread(BytesIO(content))
    elements = {tag: dataset.get_item(tag) for tag in sorted(dataset.keys()) if tag != PIXEL_DATA}
    values = [element.value for element in elements.values() if isinstance(element.value, bytes)]
    for tag in draw.sample(list(elements), draw.randint(1, 2)):
        if draw.random() < 0.2:
            del dataset[tag]
            continue
        value = draw.choice([*_VALUES, draw.randbytes(draw.randint(1, 16)), draw.choice(values)])
        implicit = dataset.original_encoding[0]
        dataset[tag] = RawDataElement(tag, elements[tag].VR, len(value), value, 0, bool(implicit), True)
    buffer = BytesIO()
    dataset.save_as(buffer)
    return buffer.getvalue()


def _with_other_bytes(content: bytes, draw: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.randint(1, 3)):
        # Most of them near the beginning, where headers are.
        at = int(len(changed) * draw.random() ** draw.choice((1, 3, 6)))
        match draw.randrange(5):
            case 0:
                changed[at : at + 1] = draw.randbytes(1)
            case 1:
                changed[at : at + 4] = draw.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f"))
            case 2:
                del changed[at : at + draw.randint(1, 64)]
            case 3:
                changed[at:at] = changed[at : at + draw.randint(1, 64)]
            case 4 if draw.random() < 0.3:
                del changed[at:]
    return bytes(changed)


def _write_jpeg_lossless(source: Path, path: Path) -> None:
    reader, change, writer = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
    reader.SetFileName(str(source))
    reader.Read()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLosslessProcess14_1))
    change.SetInput(reader.GetImage())
    change.Change()
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    if not writer.Write():
        raise RuntimeError(f"GDCM cannot write {path}")
