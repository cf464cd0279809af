"""The heat map of the most suspicious slice as a radiologist sees it: Secondary Capture (DICOM PS3.3, A.8)."""

from fractions import Fraction

import numpy as np
from highdicom.sc import SCImage
from pydicom import Dataset

from bundle.dicom_results import codes
from bundle.dicom_results.evidence import LOSSY
from bundle.dicom_results.headers import Origin
from bundle.readers.dicom_code import coded

_AXES = (("L", "R"), ("P", "A"), ("H", "F"))
"""Towards which letter each axis of the patient points, and away from it."""


def make_capture(origin: Origin, key: int, picture: np.ndarray) -> Dataset:
    """Return a picture of a slice as Secondary Capture, RGB.

    Args:
        origin: what it is about.
        key: index of the slice.
        picture: [H, W, 3] uint8, in the orientation of the slice, with its captions, which name no person.
    """
    source = origin.evidence.slices[key]
    orientation = _orientation(source)
    capture = SCImage(
        pixel_array=np.ascontiguousarray(picture),
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        study_instance_uid=source.StudyInstanceUID,
        patient_orientation=orientation or ("L", "P"),
        patient_id="",
        patient_name="",
        **origin.arguments("SC"),
    )
    origin.finish(capture)
    if not orientation:  # highdicom needs one; the element may be empty where it is not known
        capture.PatientOrientation = []
    if ratio := _aspect_ratio(source):
        capture.PixelAspectRatio = ratio
    if source.get("LossyImageCompression") == "01":
        # A picture of what has lost something has lost it, too (PS3.3, C.7.6.1.1.5).
        for keyword in filter(source.__contains__, LOSSY):
            setattr(capture, keyword, source[keyword].value)
    capture.ConversionType = "WSD"
    # What names a person in the pixels of the slice is in its picture, too.
    capture.BurnedInAnnotation = "YES" if source.get("BurnedInAnnotation") == "YES" else "NO"
    capture.BodyPartExamined = "HEAD"
    head, *_ = origin.finding.captions
    capture.ImageComments = f"{head[0].upper()}{head[1:]}. {origin.finding.comment}"
    method = codes.MAPS[origin.algorithm.method]
    capture.DerivationDescription = f"Evidence for a hemorrhage ({method.meaning}) over the slice; not for diagnosis"
    capture.DerivationCodeSequence = [coded(method)]
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = source.SOPClassUID, source.SOPInstanceUID
    item.PurposeOfReferenceCodeSequence = [coded(codes.PROCESSED)]
    capture.SourceImageSequence = [item]
    return capture


def _aspect_ratio(source: Dataset) -> list[int] | None:
    """Return height and width of a pixel of a slice as whole numbers; None where they are equal or not known."""
    try:
        spacing = [float(value) for value in source.get("PixelSpacing") or ()]
    except (TypeError, ValueError):
        return None
    if len(spacing) != 2 or not (np.isfinite(spacing).all() and min(spacing) > 0):
        return None
    ratio = Fraction(spacing[0] / spacing[1]).limit_denominator(1000)
    return None if ratio == 1 or not ratio else [ratio.numerator, ratio.denominator]


def _orientation(source: Dataset) -> tuple[str, str] | None:
    """Return towards which letter the rows and the columns of a slice run; None where its header does not say."""
    try:
        cosines = [float(value) for value in source.get("ImageOrientationPatient") or ()]
    except (TypeError, ValueError):
        return None
    if len(cosines) != 6 or not np.isfinite(cosines).all():
        return None
    row, column = (_letter(cosines[at : at + 3]) for at in (0, 3))
    return row, column


def _letter(direction: list[float]) -> str:
    axis = int(np.argmax(np.abs(direction)))
    return _AXES[axis][direction[axis] < 0]
