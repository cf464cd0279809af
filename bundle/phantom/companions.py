"""What a hospital's study holds beside the head: a scout, a reconstruction for bone, and a dose report."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import ExplicitVRLittleEndian, XRayRadiationDoseSRStorage
from scipy import ndimage

from bundle.phantom.conformant import Conformant, add_identity
from bundle.phantom.dicom import slice_dataset
from bundle.phantom.head import Head
from bundle.phantom.identity import uid
from bundle.readers.dicom_code import coded

_SHARPENING, _NOISE = 2.5, 12.0
"""How much detail a bone kernel adds, and its noise in HU."""
_DOSE = 850.0
"""Dose length product of a head, mGy cm."""


def companions(head: Head, source: Sequence[object], kind: Conformant) -> Iterator[tuple[str, Dataset]]:
    """Yield the name and the data set of each object of a study beside the slices of the head.

    Args:
        head: the phantom.
        source: what it was made from.
        kind: of the headers.
    """
    yield "scout", _scout(head, source, kind)
    rng = np.random.default_rng(0)
    detail = head.image - ndimage.gaussian_filter(head.image, (0, 1.5, 1.5))
    noise = _NOISE * rng.standard_normal(head.image.shape, dtype=np.float32)
    sharp = replace(head, image=np.maximum(head.image + _SHARPENING * detail + noise, -1024))
    for index in range(len(head.image)):
        dataset = slice_dataset(sharp, index, source)
        kind.complete(dataset, sharp, index, source)
        _rename(dataset, "bone", source, index)
        dataset.SeriesNumber, dataset.SeriesDescription, dataset.ConvolutionKernel = 3, "CT phantom, bone", "H60s"
        yield f"bone_{index:03d}", dataset
    yield "dose", _dose_report(head, source, kind)


def _scout(head: Head, source: Sequence[object], kind: Conformant) -> Dataset:
    """Return a projection from the side, rows from the vertex down, columns from anterior."""
    gap, pixel, _ = head.spacing
    side = ndimage.zoom(head.image.mean(axis=2)[::-1], (max(gap / pixel, 1), 1), order=1)
    plane = replace(head, image=np.maximum(side[None], -1024), scanner=replace(head.scanner, padding=None))
    dataset = slice_dataset(plane, 0, source)
    dataset.Rows, dataset.Columns = side.shape
    left, front, _ = head.geometry.position(0)
    dataset.ImagePositionPatient = [0, round(front, 4), round(head.geometry.heights[-1], 4)]
    dataset.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
    dataset.PixelSpacing, dataset.SliceThickness = [round(pixel, 6)] * 2, round(-2 * left, 2)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    kind.complete(dataset, plane, 0, source)
    _rename(dataset, "scout", source, 0)
    dataset.SeriesNumber, dataset.SeriesDescription, dataset.GantryDetectorTilt = 1, "Scout", 0
    del dataset.RescaleType  # a projection is not in HU
    return dataset


def _rename(dataset: Dataset, what: str, source: Sequence[object], index: int) -> None:
    dataset.SeriesInstanceUID = uid(what, "series", *source)
    dataset.SOPInstanceUID = uid(what, "image", *source, index)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID


def _dose_report(head: Head, source: Sequence[object], kind: Conformant) -> Dataset:
    """Return an X-Ray Radiation Dose SR with the sums of TID 10011 and 10012 (DICOM PS3.16), and no event."""
    report = _item("CONTAINER", codes.DCM.XRayRadiationDoseReport)
    report.ContinuityOfContent = "SEPARATE"
    template = Dataset()
    template.MappingResource, template.TemplateIdentifier = "DCMR", "10011"
    report.ContentTemplateSequence = [template]
    sums = _item("CONTAINER", codes.DCM.CTAccumulatedDoseData, "CONTAINS")
    sums.ContinuityOfContent = "SEPARATE"
    sums.ContentSequence = [
        _number(codes.DCM.TotalNumberOfIrradiationEvents, 1, Code("{events}", "UCUM", "events")),
        _number(codes.DCM.CTDoseLengthProductTotal, _DOSE, Code("mGy.cm", "UCUM", "mGy.cm")),
    ]
    procedure = _item("CODE", codes.DCM.ProcedureReported, "HAS CONCEPT MOD")
    procedure.ConceptCodeSequence = [coded(Code("77477000", "SCT", "Computed Tomography X-Ray"))]
    report.ContentSequence = [procedure, sums]
    report.file_meta = FileMetaDataset()
    report.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    report.SOPClassUID = report.file_meta.MediaStorageSOPClassUID = XRayRadiationDoseSRStorage
    add_identity(report, head, source, kind.character_set)
    _rename(report, "dose", source, 0)
    report.Modality, report.SeriesNumber, report.InstanceNumber = "SR", 4, 1
    report.Manufacturer, report.ManufacturerModelName = head.scanner.name, "phantom"
    report.DeviceSerialNumber, report.SoftwareVersions = "1", "1"
    report.CompletionFlag, report.VerificationFlag = "COMPLETE", "UNVERIFIED"
    report.ReferencedPerformedProcedureStepSequence, report.PerformedProcedureCodeSequence = [], []
    return report


def _item(kind: str, name: Code, relationship: str = "") -> Dataset:
    item = Dataset()
    item.ValueType, item.ConceptNameCodeSequence = kind, [coded(name)]
    if relationship:
        item.RelationshipType = relationship
    return item


def _number(name: Code, value: float, unit: Code) -> Dataset:
    item, measured = _item("NUM", name, "CONTAINS"), Dataset()
    measured.NumericValue, measured.MeasurementUnitsCodeSequence = str(value), [coded(unit)]
    item.MeasuredValueSequence = [measured]
    return item
