import pytest
from lib.judged import judge
from PIL import Image

from bundle.errors import InputError
from tests.readers.dicom_examples import head_hu, make_dicom, write_dicom


def test_an_image_is_judged_before_it_is_scored(tmp_path):
    plain = write_dicom(tmp_path / "plain" / "1.dcm", make_dicom(head_hu(16)))
    judgement, (row,), rejected = judge(plain)
    assert judgement == {"kind": "head CT", "outcome": "scored", "reason": ""} and row["image"] == str(plain)
    assert not rejected
    for number in range(2):
        magnetic = make_dicom(head_hu(16), Modality="MR", ImagePositionPatient=[0, 0, number])
        write_dicom(tmp_path / "mr" / f"{number}.dcm", magnetic)
    assert judge(tmp_path / "mr").judgement["outcome"] == "scored with a caution"


def test_what_is_no_head_or_more_than_one_series_is_refused(tmp_path):
    Image.new("L", (64, 64)).save(tmp_path / "black.png")
    with pytest.raises(InputError, match=r"black.png is left out \(empty\): all of it is 0"):
        judge(tmp_path / "black.png")
    for patient in ("Ann", "Bob"):
        write_dicom(tmp_path / "two" / f"{patient}.dcm", make_dicom(head_hu(16), PatientID=patient))
    with pytest.raises(InputError, match=r"holds 2 series .*patient 1.*; ask for one at a time"):
        judge(tmp_path / "two")
    (tmp_path / "cut.png").write_bytes(b"PNG")
    with pytest.raises(InputError, match="not a readable PNG"):
        judge(tmp_path / "cut.png")
