"""A slice of a phantom as a DICOM dataset: CT Image or MR Image (DICOM PS3.3 A.3 and A.4)."""

from collections.abc import Sequence

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, MRImageStorage

from bundle.phantom.head import Head
from bundle.phantom.identity import short_id, uid


def slice_dataset(head: Head, index: int, source: Sequence[object]) -> Dataset:
    """Return slice `index` of a head as a DICOM dataset, explicit VR little endian, 16 bits allocated.

    CT has HU by RescaleSlope and RescaleIntercept, MR its arbitrary units as they are. As in the RSNA set there is
    neither InstanceNumber nor a date, and the patient has no name.

    Args:
        head: the phantom.
        index: of the slice.
        source: what the head was made from; identifiers are derived from it.
    """
    is_ct = head.contrast == "CT"
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage if is_ct else MRImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = uid("image", *source, index)
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.Modality = "CT" if is_ct else "MR"
    dataset.Manufacturer = head.scanner.name
    dataset.StudyDescription = "Procedural head phantom"
    dataset.SeriesDescription = f"{head.contrast} phantom"
    dataset.PatientName = ""
    dataset.PatientID = short_id(8, "patient", *source)
    dataset.PatientSex = head.sex
    dataset.PatientAge = f"{head.age:03d}Y"
    dataset.StudyInstanceUID = uid("study", *source)
    dataset.SeriesInstanceUID = uid("series", *source)
    _add_geometry(dataset, head, index)
    if is_ct:
        _add_ct_pixels(dataset, head, index)
    else:
        _add_mr_pixels(dataset, head, index)
    return dataset


def stored_ct(head: Head, index: int) -> np.ndarray:
    """Return slice `index` as its scanner stores it, [H, W] uint16 or int16: padding outside the field of view."""
    scanner = head.scanner
    low, high = (-(1 << scanner.bits - 1), (1 << scanner.bits - 1) - 1) if scanner.signed else (0, 2**scanner.bits - 1)
    stored = np.clip(np.rint(head.image[index]) - scanner.intercept, low, high)
    if scanner.padding is not None:
        stored[outside_field(stored.shape[0])] = scanner.padding
    return stored.astype("<i2" if scanner.signed else "<u2")


def outside_field(size: int) -> np.ndarray:
    """Return which pixels are outside the circle that a CT scanner reconstructs, [size, size] bool."""
    line = np.arange(size) - (size - 1) / 2
    return np.hypot(line[:, None], line[None, :]) > size / 2


def _add_geometry(dataset: Dataset, head: Head, index: int) -> None:
    geometry = head.geometry
    dataset.ImagePositionPatient = [round(value, 4) for value in geometry.position(index)]
    dataset.ImageOrientationPatient = [round(value, 6) for value in geometry.orientation]
    dataset.PixelSpacing = [round(geometry.pixel, 6)] * 2
    dataset.SliceThickness = geometry.thickness
    dataset.Rows = dataset.Columns = geometry.size
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = 16


def _add_ct_pixels(dataset: Dataset, head: Head, index: int) -> None:
    scanner = head.scanner
    dataset.BitsStored, dataset.HighBit = scanner.bits, scanner.bits - 1
    dataset.PixelRepresentation = int(scanner.signed)
    if scanner.padding is not None and scanner.padding_in_header:
        dataset.PixelPaddingValue = scanner.padding
    levels, widths = zip(*scanner.windows, strict=True)
    dataset.WindowCenter, dataset.WindowWidth = list(levels), list(widths)
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = scanner.intercept, 1, "HU"
    dataset.PixelData = stored_ct(head, index).tobytes()


def _add_mr_pixels(dataset: Dataset, head: Head, index: int) -> None:
    dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 12, 11, 0
    brightest = round(float(np.percentile(head.image, 99.5)))
    dataset.WindowCenter, dataset.WindowWidth = brightest // 2, max(brightest, 2)
    dataset.PixelData = np.clip(np.rint(head.image[index]), 0, 4095).astype("<u2").tobytes()
