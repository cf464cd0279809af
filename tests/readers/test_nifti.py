import nibabel as nib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.errors import InputError
from bundle.readers import AIR, HeadImageReader, nifti, read_nifti
from bundle.readers.nifti import open_nifti, screen_geometry

SHAPE = (5, 6, 4)


def screen_volume(low=-1000.0):
    """Return a volume in screen order whose values are all different."""
    return np.linspace(low, 1500, np.prod(SHAPE), dtype=np.float32).reshape(SHAPE)


def save(path, volume, codes=("P", "L", "S"), dtype=np.float32):
    """Save a screen-order volume as NIfTI with its axes in `codes`; voxels of 0.5, 0.4 and 5 mm, corner at 10 20 30."""
    affine = np.array([[0, -0.4, 0, 10], [-0.5, 0, 0, 20], [0, 0, 5, 30], [0, 0, 0, 1.0]])
    image = nib.Nifti1Image(volume.astype(dtype), affine)
    target = nib.orientations.axcodes2ornt(codes)
    image = image.as_reoriented(nib.orientations.ornt_transform(nib.io_orientation(affine), target))
    nib.save(image, path)
    return affine


@settings(derandomize=True, max_examples=24, deadline=None)
@given(st.permutations([("P", "A"), ("L", "R"), ("S", "I")]), st.tuples(*[st.integers(0, 1)] * 3))
def test_any_storage_order_is_read_as_displayed(tmp_path_factory, axes, flips):
    codes = tuple(pair[flip] for pair, flip in zip(axes, flips, strict=True))
    path = tmp_path_factory.mktemp("nifti") / "a.nii"
    affine = save(path, screen_volume(), codes)
    array, meta = read_nifti(path)
    np.testing.assert_array_equal(array, screen_volume())
    np.testing.assert_allclose(meta["affine"], affine, atol=1e-5)
    _, announced, shape = screen_geometry(open_nifti(path))
    np.testing.assert_allclose(announced, affine, atol=1e-5)
    assert shape == array.shape
    assert array.flags.c_contiguous


@pytest.mark.parametrize(
    ("low", "fraction", "intensity", "modality"),
    [(-1000, 0.02, "HU", "CT"), (-1000, 0.005, "arbitrary", ""), (-150, 0.5, "arbitrary", ""), (0, 1, "arbitrary", "")],
)
def test_hu_when_one_voxel_in_a_hundred_is_air(tmp_path, low, fraction, intensity, modality):
    volume = np.full((10, 10, 10), 40.0)
    volume.ravel()[: int(fraction * 1000)] = low
    nib.save(nib.Nifti1Image(volume.astype(np.int16), np.eye(4)), tmp_path / "a.nii.gz")
    _, meta = read_nifti(tmp_path / "a.nii.gz")
    assert (meta["intensity"], meta["modality"]) == (intensity, modality)


def test_outside_the_field_of_view_is_air(tmp_path):
    volume = screen_volume(-3000)
    volume[0, 0, 0] = np.nan
    save(tmp_path / "a.nii", volume)
    array, _ = read_nifti(tmp_path / "a.nii")
    assert array[0, 0, 0] == AIR
    np.testing.assert_array_equal(array.ravel()[1:], np.maximum(volume, AIR).ravel()[1:])


def test_trailing_axis_of_one_is_dropped_and_a_fourth_refused(tmp_path):
    nib.save(nib.Nifti1Image(np.zeros((4, 4, 3, 1), np.int16), np.eye(4)), tmp_path / "a.nii")
    assert read_nifti(tmp_path / "a.nii")[0].shape == (4, 4, 3)
    for shape in ((4, 4, 3, 2), (4, 4)):
        nib.save(nib.Nifti1Image(np.zeros(shape, np.int16), np.eye(4)), tmp_path / "b.nii")
        with pytest.raises(InputError, match="three dimensions"):
            read_nifti(tmp_path / "b.nii")


def test_colours_are_refused(tmp_path):
    rgb = np.zeros((2, 2, 2), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    nib.save(nib.Nifti1Image(rgb, np.eye(4)), tmp_path / "a.nii")
    with pytest.raises(InputError, match="one grey value"):
        read_nifti(tmp_path / "a.nii")


def test_unusable_affine_is_refused(tmp_path):
    image = nib.Nifti1Image(np.zeros((2, 2, 2), np.int16), None)
    image.header.set_sform(np.diag((1.0, 0, 1, 1)), code=1)
    nib.save(image, tmp_path / "a.nii")
    with pytest.raises(InputError, match="affine"):
        read_nifti(tmp_path / "a.nii")


@pytest.mark.parametrize(("unit", "mm"), [("unknown", 1), ("meter", 1e3), ("mm", 1), ("micron", 1e-3)])
@pytest.mark.parametrize("save_as", [nib.Nifti1Image, nib.Nifti2Image])
def test_the_affine_is_in_the_units_of_the_header(tmp_path, unit, mm, save_as):
    affine = save(tmp_path / "a.nii", screen_volume())
    stored = affine.copy()
    stored[:3] /= mm
    image = save_as(screen_volume(), stored)
    image.header.set_xyzt_units(unit, "sec")
    nib.save(image, tmp_path / "b.nii")
    expected, _ = read_nifti(tmp_path / "a.nii")
    array, meta = read_nifti(tmp_path / "b.nii")
    np.testing.assert_array_equal(array, expected)
    np.testing.assert_allclose(meta["affine"], affine, rtol=1e-5)
    np.testing.assert_allclose(open_nifti(tmp_path / "b.nii").affine, affine, rtol=1e-5)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_damaged(tmp_path, suffix, kept):
    path = tmp_path / f"a{suffix}"
    save(path, np.random.default_rng(0).normal(size=(16, 16, 16)))
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(InputError, match="NIfTI"):
        read_nifti(path)


def test_a_volume_is_read_once_for_all_its_slices(tmp_path, monkeypatch):
    path = tmp_path / "a.nii.gz"
    save(path, screen_volume())
    reads = []
    monkeypatch.setattr(
        "bundle.readers.head_files.read_nifti", lambda path: reads.append(path) or nifti.read_nifti(path)
    )
    reader = HeadImageReader()
    first, meta = reader.get_data(reader.read(str(path)))
    meta["affine"][:] = 0
    again, meta = reader.get_data(reader.read(str(path)))
    assert again is first
    assert meta["affine"][2, 2] == 5
    assert len(reads) == 1
    save(path, screen_volume(-800))
    array, _ = reader.get_data(reader.read(str(path)))
    assert array.min() == -800
    assert len(reads) == 2
