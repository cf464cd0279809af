"""What the header of a DICOM slice says that matters here, read once."""

import math
from dataclasses import dataclass, replace

from bundle.gate.names import words
from bundle.readers.dicom_slice import DicomSlice
from bundle.readers.geometry import slice_normal

AXES = ("sagittal", "coronal", "axial")
"""Planes by the axis of RAS that their normal is nearest to."""


@dataclass(frozen=True)
class HeaderFacts:
    """Of one slice. Nothing in it goes into results but what `bundle.gate.judgement.SeriesJudgement` has."""

    has_pixels: bool = True
    sop_class: str = ""
    modality: str = "CT"
    image_type: str = ""
    description: str = ""
    body_part: str = ""
    kernel: str = ""
    contrast_agent: str = ""
    rescale_type: str = ""
    photometric: str = "MONOCHROME2"
    normal: tuple[float, float, float] | None = None
    """Unit normal of the slice, RAS; None where the header has no orientation."""
    position: float | None = None
    """mm along the normal."""
    thickness: float | None = None
    """mm."""
    matrix: tuple[float, ...] = ()
    """Rows, columns, and the spacing of pixels, mm."""
    patient: str = ""
    person: str = ""
    """Age and sex."""
    rescale: str = ""
    """Slope and intercept."""
    time_point: str = ""
    """TemporalPositionIdentifier."""
    acquisition: str = ""
    """AcquisitionNumber."""

    def at(self, position: float | None) -> "HeaderFacts":
        """Return the facts of a slice elsewhere in the series."""
        return replace(self, position=position)

    @property
    def orientation(self) -> str:
        """The plane of `AXES` that is less than 45° away, "oblique" for none, "" where there is no orientation."""
        if self.normal is None:
            return ""
        share = max(map(abs, self.normal))
        return AXES[list(map(abs, self.normal)).index(share)] if share >= math.sqrt(0.5) else "oblique"

    @property
    def name(self) -> str:
        """The words of the series' description."""
        return words(self.description)


def read_facts(dicom: DicomSlice) -> HeaderFacts:
    """Read them from a header, of which `bundle.readers.dicom_values.TAGS` is enough.

    Raises:
        InputError: when an element is there but cannot be used.
    """
    if not dicom.has("Rows"):
        return HeaderFacts(
            False, dicom.text("SOPClassUID"), dicom.modality, description=dicom.text("SeriesDescription")
        )
    (thickness,) = dicom.decimals("SliceThickness", (0.0,))
    spacing = dicom.decimals("PixelSpacing", (1.0, 1.0))
    normal = tuple(slice_normal(dicom.affine).tolist()) if dicom.has("ImageOrientationPatient") else None
    return HeaderFacts(
        has_pixels=True,
        sop_class=dicom.text("SOPClassUID"),
        modality=dicom.modality,
        image_type=dicom.text("ImageType"),
        description=dicom.text("SeriesDescription"),
        body_part=dicom.text("BodyPartExamined"),
        kernel=dicom.text("ConvolutionKernel"),
        contrast_agent=dicom.text("ContrastBolusAgent"),
        rescale_type=dicom.text("RescaleType"),
        photometric=dicom.text("PhotometricInterpretation"),
        normal=normal,
        position=dicom.position,
        thickness=thickness if thickness > 0 else None,
        matrix=(*dicom.shape, *(round(each, 4) for each in spacing)),
        patient=dicom.text("PatientID"),
        person=f"{dicom.text('PatientAge')} {dicom.text('PatientSex')}",
        rescale=f"{dicom.text('RescaleSlope')} {dicom.text('RescaleIntercept')}",
        time_point=dicom.text("TemporalPositionIdentifier"),
        acquisition=dicom.text("AcquisitionNumber"),
    )
