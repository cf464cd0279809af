"""CQ500 as it is unpacked: `reads.csv`, and a folder a scan with a folder a series."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.readers.dicom_examples import head_hu, make_dicom, write_dicom

FINDINGS = (
    "ICH", "IPH", "IVH", "SDH", "EDH", "SAH", "BleedLocation-Left", "BleedLocation-Right", "ChronicBleed", "Fracture",
    "CalvarialFracture", "OtherFracture", "MassEffect", "MidlineShift",
)  # fmt: skip
HEADER = ["name", "Category", *(f"R{reader}:{finding}" for reader in (1, 2, 3) for finding in FINDINGS)]


def reads_row(number: int, *readers: Sequence[str]) -> dict[str, Any]:
    """Return the row of a scan from what each reader saw, such as ("ICH", "SDH"), ()."""
    row: dict[str, Any] = dict.fromkeys(HEADER, 0) | {"name": f"CQ500-CT-{number}", "Category": "B1"}
    for reader, seen in enumerate(readers, start=1):
        row |= {f"R{reader}:{finding}": 1 for finding in seen}
    return row


def write_reads(root: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    root.mkdir(parents=True, exist_ok=True)
    with (root / "reads.csv").open("w", newline="") as lines:
        writer = csv.DictWriter(lines, HEADER)
        writer.writeheader()
        writer.writerows(rows)


def write_series(root: Path, number: int, name: str, slices: int = 16, thickness: float = 5, **elements: Any) -> Path:
    """Write the series of a scan and return its folder."""
    folder = root / f"CQ500CT{number} CQ500CT{number}" / "Unknown Study" / name
    uid = f"1.2.{number}.{len(list(folder.parent.glob('*'))) + 1}"
    noise = np.random.default_rng([number, slices]).integers(0, 40, (slices, 8, 8))
    for index in range(slices):
        values = {
            "PatientID": f"CQ500-CT-{number}", "StudyInstanceUID": f"1.2.{number}", "SeriesInstanceUID": uid,
            "SeriesDescription": name.removeprefix("CT "), "SliceThickness": thickness,
            "ImagePositionPatient": [0, 0, index * thickness], "ConvolutionKernel": "STANDARD",
        }  # fmt: skip
        write_dicom(folder / f"CT{index:06d}.dcm", make_dicom(head_hu(8) + noise[index], **(values | elements)))
    return folder


def write_cq500(root: Path, scans: int = 4) -> Path:
    """Write scans of which every second bleeds, each of a thick and a thin series, and return the folder."""
    write_reads(root, [reads_row(n, *[("ICH", "SDH")] * 3) if n % 2 else reads_row(n) for n in range(scans)])
    for number in range(scans):
        write_series(root, number, "CT 5mm", slices=16)
        write_series(root, number, "CT PLAIN THIN", slices=18, thickness=0.625)
    return root
