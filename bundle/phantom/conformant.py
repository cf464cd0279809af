"""Headers of phantoms as a hospital's scanner writes them, after the CT Image IOD (DICOM PS3.3 A.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from pydicom import uid as uids
from pydicom.dataset import Dataset

from bundle.errors import InputError
from bundle.phantom.head import Head
from bundle.phantom.identity import short_id, uid

NAMES = {
    "ISO_IR 6": "Phantom^Head",
    "ISO_IR 100": "Buc^Jérôme",
    "ISO 2022 IR 87": "Yamada^Tarou=山田^太郎=やまだ^たろう",
    "ISO_IR 192": "Wang^XiaoDong=王^小東",
    "GB18030": "Wang^XiaoDong=王^小东",
}
"""A name in each character set, most of them the examples of DICOM PS3.5, annexes H to K."""
SYNTAXES = {
    "none": uids.ExplicitVRLittleEndian,
    "rle": uids.RLELossless,
    "jpeg_ls": uids.JPEGLSLossless,
    "jpeg_2000": uids.JPEG2000Lossless,
}
"""Lossless compressions and their transfer syntaxes."""
ZONE = "+0100"
_FIRST_SCAN = datetime(2020, 1, 1, 7, 30)
_PRIVATE_GROUP = 0x0029


@dataclass(frozen=True)
class Conformant:
    """How the files of a set whose headers are conformant differ.

    Attributes:
        character_set: of the names, a key of `NAMES`.
        compression: of the pixels, a key of `SYNTAXES`.
        tilt: of the gantry in degrees, None for each patient's own.
        private: whether there are private elements, nested ones among them.
        others: whether studies hold more than the head, see `bundle.phantom.companions`.
    """

    character_set: str = "ISO_IR 6"
    compression: str = "none"
    tilt: float | None = None
    private: bool = False
    others: bool = False

    def check(self) -> None:
        """Check the values.

        Raises:
            InputError: for an unknown character set or compression, or a gantry that cannot be tilted so far.
        """
        for name, value, known in (
            ("character set", self.character_set, NAMES),
            ("compression", self.compression, SYNTAXES),
        ):
            if value not in known:
                raise InputError(f"there is no {name} {value!r}", f"choose from {', '.join(known)}")
        tilt = self.tilt
        if tilt is not None and (type(tilt) not in (int, float) or not -30 <= tilt <= 30):
            raise InputError(f"the tilt must be a number of degrees from -30 to 30, got {tilt!r}")

    def complete(self, dataset: Dataset, head: Head, index: int, source: Sequence[object]) -> None:
        """Add to a slice's data set, in place, what the CT Image IOD asks for, and compress its pixels.

        Args:
            dataset: see `bundle.phantom.dicom.slice_dataset`.
            head: the phantom.
            index: of the slice.
            source: what the head was made from.
        """
        add_identity(dataset, head, source, self.character_set)
        dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = uid("frame", *source), ""
        dataset.SeriesNumber, dataset.AcquisitionNumber, dataset.InstanceNumber = 2, 1, index + 1
        dataset.PatientPosition, dataset.BodyPartExamined = "HFS", "HEAD"
        dataset.KVP, dataset.ConvolutionKernel = 120, "H30s"
        dataset.GantryDetectorTilt = round(float(np.rad2deg(head.geometry.tilt)), 2)
        if self.private:
            _add_private(dataset)
        syntax = SYNTAXES[self.compression]
        if syntax.is_compressed:
            dataset.compress(syntax, generate_instance_uid=False)


def add_identity(dataset: Dataset, head: Head, source: Sequence[object], character_set: str = "ISO_IR 6") -> None:
    """Add who was scanned, and when, to a data set of a study, in place; all of it is invented."""
    if character_set == "ISO 2022 IR 87":
        dataset.SpecificCharacterSet = ["", character_set]
    elif character_set != "ISO_IR 6":
        dataset.SpecificCharacterSet = character_set
    # Written as text of the character set, which it is encoded with when the file is saved.
    dataset.PatientName = NAMES[character_set]
    dataset.PatientID = short_id(8, "patient", *source)
    dataset.PatientSex, dataset.PatientAge = head.sex, f"{head.age:03d}Y"
    number = int(short_id(4, "scan", *source).removeprefix("ID_"), 16)
    when = _FIRST_SCAN + timedelta(days=number % 365, minutes=number % 719)
    dataset.PatientBirthDate = f"{when.year - head.age - 1}0101"
    dataset.StudyDate = dataset.SeriesDate = dataset.ContentDate = when.strftime("%Y%m%d")
    dataset.StudyTime = dataset.SeriesTime = dataset.ContentTime = when.strftime("%H%M%S")
    dataset.TimezoneOffsetFromUTC = ZONE
    dataset.StudyInstanceUID, dataset.StudyID = uid("study", *source), str(number)
    dataset.AccessionNumber = short_id(8, "accession", *source)
    dataset.ReferringPhysicianName = ""


def _add_private(dataset: Dataset) -> None:
    block = dataset.private_block(_PRIVATE_GROUP, "PHANTOM", create=True)
    block.add_new(0x01, "LO", "private text")
    inner = Dataset()
    inner.private_block(_PRIVATE_GROUP, "PHANTOM", create=True).add_new(0x01, "PN", "Private^Nested")
    block.add_new(0x02, "SQ", [inner])
