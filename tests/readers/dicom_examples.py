"""DICOM files with known content."""

from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, MRImageStorage, generate_uid

STUDY, SERIES = "1.2.826.0.1.1", "1.2.826.0.1.1.1"


def head_hu(size: int = 32) -> np.ndarray:
    """Return a round head in HU, int64: air around, skull, brain, and a bleed left of the midline."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    radius = np.hypot(x, y) / (size / 2)
    hu = np.select([radius < 0.6, radius < 0.75], [30, 1000], -1000)
    hu[size // 4 : size // 2, size // 2 + 2 : size // 2 + 6] = 70
    return hu + np.arange(size)[:, None] % 3


def make_dicom(hu: np.ndarray, *, bits: int = 16, signed: bool = True, **elements: Any) -> Dataset:
    """Return a CT slice of whole HU, in explicit little endian; `elements` replace or, as None, remove elements."""
    slope, intercept = elements.get("RescaleSlope", 1), elements.get("RescaleIntercept", -1024)
    stored = np.rint((hu - (intercept or 0)) / (slope or 1)).astype(f"{'i' if signed else 'u'}{1 if bits <= 8 else 2}")
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    modality = elements.get("Modality", "CT")
    values = {
        "SOPClassUID": MRImageStorage if modality == "MR" else CTImageStorage,
        "SOPInstanceUID": generate_uid(),
        "StudyInstanceUID": STUDY,
        "SeriesInstanceUID": SERIES,
        "Modality": modality,
        "PatientName": "Secret^Name",
        "PatientID": "SECRET-ID",
        "PatientBirthDate": "19010203",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "ImagePositionPatient": [-120.0, -110.0, 40.0],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "PixelSpacing": [0.5, 0.25],
        "SliceThickness": 5,
        "Rows": stored.shape[0],
        "Columns": stored.shape[1],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": stored.itemsize * 8,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(signed),
        "RescaleSlope": slope,
        "RescaleIntercept": intercept,
        "PixelData": stored.tobytes(),
    }
    for keyword, value in (values | elements).items():
        if value is not None:
            setattr(dataset, keyword, value)
    dataset["PixelData"].VR = "OW" if stored.itemsize == 2 else "OB"
    return dataset


def write_dicom(path: Path, dataset: Dataset) -> Path:
    """Write `dataset` to `path`, with a preamble, and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path
