"""CT-ICH as PhysioNet releases it, and as its older export, with made-up patients."""

import csv
from pathlib import Path

import numpy as np

from tests.datalist.examples import save_noise
from tests.sources.nifti_examples import numbered_ct, write_nifti

HEADER = "PatientNumber SliceNumber Intraventricular Intraparenchymal Subarachnoid Epidural Subdural No_Hemorrhage " \
         "Fracture_Yes_No"  # fmt: skip
DEPTH = 5
PATIENTS = (49, 50, 51, 66, 67, 100)
DEMOGRAPHICS = """\
Patient Number,"Age
(years)",Gender,Hemorrhage type based on the radiologists diagnosis ,,,,,Fracture (yes 1/no 0),Note1,
,,,Intraventricular,Intraparenchymal,Subarachnoid,Epidural,Subdural,,,
49,45,Male,,,,1,,1,,
50,6 months,female,,,,,,,"premature, twin",x
51,"1,5",M,,,,,,,,
66,,F,,,,,,
67,about 40,,,,,,,,,
100,97,Femal,,,,,,,,,stray
,,,,,,,,,,
average,37,,,,,,,,,
"""


def diagnosis(patient: int, number: int) -> dict[str, int]:
    """Return the row of a slice: patient p bleeds in slice p % `DEPTH` + 1, of kind p % 5, except every third."""
    row = dict.fromkeys(HEADER.split(), 0) | {"PatientNumber": patient, "SliceNumber": number, "No_Hemorrhage": 1}
    if patient % 3 and number == patient % DEPTH + 1:
        row |= {HEADER.split()[2 + patient % 5]: 1, "No_Hemorrhage": 0, "Fracture_Yes_No": 1}
    return row


def write_diagnoses(file: Path, rows=None, more=()) -> None:
    rows = (
        [diagnosis(patient, number) for patient in PATIENTS for number in range(1, DEPTH + 1)] if rows is None else rows
    )
    with file.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, HEADER.split())
        writer.writeheader()
        writer.writerows([*rows, *more])
        lines.write(",,,,,,,,\r\n")


def write_volumes(root: Path, codes: str = "LPS") -> Path:
    """Write the release of PhysioNet, axes of the volumes to `codes`, and return its folder."""
    for patient in PATIENTS:
        write_nifti(root / "ct_scans" / f"{patient:03d}.nii", numbered_ct(DEPTH, patient), codes)
        mask = np.zeros((16, 16, DEPTH), dtype=np.uint8)
        if patient % 3:
            mask[4:8, 4:8, patient % DEPTH] = 255
        write_nifti(root / "masks" / f"{patient:03d}.nii", mask, codes)
    write_diagnoses(root / "hemorrhage_diagnosis_raw_ct.csv")
    (root / "Patient_demographics.csv").write_text(DEMOGRAPHICS)
    return root


def write_pictures(root: Path) -> Path:
    """Write the older export, and return its folder."""
    for patient in PATIENTS:
        for number in range(1, DEPTH + 1):
            for window in ("brain", "bone"):
                file = root / "Patients_CT" / f"{patient:03d}" / window / f"{number}.jpg"
                save_noise(file, patient * 10 + number, size=16)
                if diagnosis(patient, number)["No_Hemorrhage"] == 0 and window == "brain":
                    save_noise(file.with_name(f"{number}_HGE_Seg.jpg"), 0, size=16)
    write_diagnoses(root / "hemorrhage_diagnosis.csv")
    return root
