from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom import Dataset

from bundle.dicom_results import Algorithm, Finding, Origin, read_evidence
from bundle.phantom import Conformant, make_head
from bundle.phantom.dicom import slice_dataset
from bundle.readers.dicom_values import quiet_pydicom

SLICES, SIZE, KEY = 4, 64, 2
ALGORITHM = Algorithm("0.4.1", "ab" * 32, {"threshold": 0.3, "slice_smoothing": 4.0})
AT = datetime(2026, 3, 29, 23, 30, 5, tzinfo=UTC)
RECORD = {
    "action": "read first", "p_any": 0.91449, "p_epidural": 0.0499, "p_intraparenchymal": 0.05, "p_subdural": 0.8444,
    "refer_reason": "a bleed is likely",
}  # fmt: skip
ALL = {**RECORD, "p_epidural": 0.06, "p_intraventricular": 0.1, "p_subarachnoid": 0.999999, "action": "read soon"}
"""With every group there is, and every code but those of presence."""

Change = Callable[[Dataset, int], None]


@pytest.fixture(scope="session")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[Path]]:
    """Write the files of a head whose headers are conformant, or are changed."""
    head = make_head(11, slices=SLICES, size=SIZE, bleed=("subdural",), tilt=8)

    def write(change: Change | None = None, kind: Conformant | None = None) -> list[Path]:
        folder, source = tmp_path_factory.mktemp("scan"), (0, "test")
        for index in range(SLICES):
            dataset = slice_dataset(head, index, source)
            (kind or Conformant()).complete(dataset, head, index, source)
            if change is not None:
                change(dataset, index)
            dataset.preamble = bytes(128)
            with quiet_pydicom():
                pydicom.dcmwrite(folder / f"{index}.dcm", dataset)
        return sorted(folder.iterdir())

    return write


@pytest.fixture(scope="session")
def files(scan: Callable[..., list[Path]]) -> list[Path]:
    return scan()


@pytest.fixture(scope="session")
def origin(files: list[Path]) -> Origin:
    return Origin(read_evidence(files), Finding.of(RECORD, "on the patient's left"), ALGORITHM, AT)


@pytest.fixture(scope="session")
def picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[Dataset], Path]:
    """Write an object to a file of its own."""

    def save(dataset: Dataset) -> Path:
        file = tmp_path / f"{dataset.SOPInstanceUID}.dcm"
        dataset.save_as(file, enforce_file_format=True)
        return file

    return save
