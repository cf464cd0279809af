"""Real images: HU, order and orientation. The folder comes from the environment variable HEAD_CT_DATA."""

from collections import Counter

import numpy as np
import pydicom
import pytest
from scipy import ndimage

from bundle.readers import HeadImageReader
from bundle.readers.geometry import slice_position


def read(*paths):
    reader = HeadImageReader()
    return reader.get_data(reader.read(paths))


def test_air_and_brain_have_their_hu_in_every_file(head_ct_data):
    brains = []
    for path in sorted([*head_ct_data.glob("rsna_dicom/**/*.dcm"), *head_ct_data.glob("ge_head_ct/*.dcm")]):
        hu, meta = read(path)
        assert meta["intensity"] == "HU"
        air = hu[(hu > -1020) & (hu < -800)]
        assert -1024 <= np.median(air) <= -900, path
        inside = ndimage.binary_erosion(ndimage.binary_fill_holes(hu > 250), iterations=8)
        brain = hu[inside & (hu > 0) & (hu < 80)]
        if brain.size > 3000:
            brains.append(np.median(brain))
    assert len(brains) > 100
    assert np.percentile(brains, 1) >= 20
    assert np.percentile(brains, 98) <= 48
    assert 25 <= np.median(brains) <= 35


def test_a_whole_series_is_sorted(head_ct_data):
    headers = {
        path: pydicom.dcmread(path, stop_before_pixels=True) for path in head_ct_data.glob("rsna_dicom/**/*.dcm")
    }
    (patient, count), *_ = Counter(header.PatientID for header in headers.values()).most_common(1)
    paths = [path for path, header in headers.items() if header.PatientID == patient]
    volume, meta = read(*sorted(paths))
    assert volume.shape == (512, 512, count) == (512, 512, 36)
    heights = sorted(float(headers[path].ImagePositionPatient[2]) for path in paths)
    assert slice_position(meta["affine"]) == pytest.approx(
        slice_position(meta["affine"], 1) - np.median(np.diff(heights)), abs=0.2
    )
    bone = (volume > 300).mean((0, 1))
    assert bone[:9].mean() > 3 * bone[-3:].mean()  # the base of the skull is at the bottom, the vertex at the top


def test_tilted_series_with_uneven_spacing(head_ct_data):
    volume, meta = read(head_ct_data / "ge_head_ct")
    assert volume.shape == (512, 512, 28)
    assert 4 <= meta["affine"][2, 2] <= 7
    assert volume.min() == -1024


def test_the_nose_is_at_the_top_and_the_patients_right_on_the_left(head_ct_data):
    skull, meta = read(head_ct_data / "ct_template" / "scct.nii")
    assert meta["intensity"] == "arbitrary"
    np.testing.assert_array_less(meta["affine"][[1, 0, 2], [0, 1, 2]] * (1, 1, -1), 0)
    head = skull[..., 5] > 500
    width = head.sum(1)
    rows = np.flatnonzero(width)
    assert width[rows[:8]].mean() < width[rows[-8:]].mean()  # at the height of the nose a face is narrower than a neck

    face, _ = read(head_ct_data / "ge_head_ct" / "04.dcm")
    air_inside = (face < -500) & ndimage.binary_fill_holes(face > -200)
    row, column = (np.median(axis) for axis in np.nonzero(air_inside))
    soft = np.nonzero(face > -200)
    assert row < np.median(soft[0])  # the sinuses are in the upper half of the screen
    assert abs(column - np.median(soft[1])) < 40


def test_mr_template_is_arbitrary(head_ct_data):
    volume, meta = read(head_ct_data / "mni_t1" / "MNI152_T1_2mm.nii.gz")
    assert volume.shape == (109, 91, 91)
    assert (meta["intensity"], meta["modality"]) == ("arbitrary", "")
