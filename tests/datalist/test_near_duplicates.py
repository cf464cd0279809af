import nibabel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.datalist import find_groups, near_duplicates, near_pairs
from bundle.datalist.fingerprint import make_fingerprint, pack, read_fingerprints, unpack
from bundle.datalist.near_duplicates import group_correlation, near_any
from bundle.errors import InputError
from bundle.intensity import Intensity
from tests.datalist.examples import save_noise


def thumbnail(image, intensity=Intensity.DISPLAY):
    return make_fingerprint(np.asarray(image, dtype=np.float32), intensity).thumbnail


def groups_of(thumbnails):
    return find_groups(np.array(thumbnails, dtype=np.int8)).tolist()


def pairs_of(thumbnails, correlation):
    return sorted(
        (one, two, value)
        for block in near_pairs(thumbnails, correlation)
        for one, two, value in zip(*(each.tolist() for each in block), strict=True)
    )


@pytest.fixture
def head():
    return np.kron(np.random.default_rng(0).integers(0, 200, (16, 16)), np.ones((4, 4)))


def test_a_brighter_and_a_noisy_copy_are_near_duplicates(head):
    other = np.random.default_rng(1).integers(0, 200, head.shape)
    noisy = head + np.random.default_rng(2).normal(0, 5, head.shape)
    assert groups_of([thumbnail(each) for each in (other, head, head + 20, noisy)]) == [0, 1, 1, 1]


def test_groups_chain_through_others():
    angles = np.linspace(0, 0.3, 4)
    chain = np.rint(127 * np.stack([np.cos(angles), np.sin(angles)], axis=1))
    assert groups_of(chain[[0, 3]]) == [0, 1]
    assert groups_of(chain) == [0, 0, 0, 0]


def test_empty_images_join_each_other_and_nothing_else(head):
    black, grey = np.zeros((64, 64)), np.full((64, 64), 77.7)
    assert groups_of([thumbnail(each) for each in (black, head, black, grey)]) == [0, 1, 0, 0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(0, 2**32), st.sampled_from([0.2, 0.9, 0.985, 0.998]), st.integers(1, 9))
def test_pairs_are_those_of_all_correlations(count, seed, correlation, rows):
    """Against NumPy's corrcoef of all pairs, whatever the blocks; copies, noise on copies and empty ones among them."""
    rng = np.random.default_rng(seed)
    images = np.kron(rng.normal(size=(max(1, count // 3), 4, 4)), np.ones((4, 4))).reshape(-1, 256)
    images = images[rng.integers(0, len(images), count)] + rng.choice([0, 0.05, 0.3], (count, 1)) * rng.normal(
        size=(count, 256)
    )
    images -= images.mean(axis=1, keepdims=True)
    thumbnails = np.rint(images * (127 / np.abs(images).max(axis=1, keepdims=True, initial=1e-9))).astype(np.int8)
    thumbnails[rng.random(count) < 0.1] = 0
    kept = near_duplicates._ROWS, near_duplicates._COLUMNS, near_duplicates._PAIRS
    near_duplicates._ROWS, near_duplicates._COLUMNS, near_duplicates._PAIRS = rows, 2 * rows + 1, 3
    try:
        found = pairs_of(thumbnails, correlation)
        near = near_any(thumbnails[count // 2 :], thumbnails[: count // 2], correlation)
    finally:
        near_duplicates._ROWS, near_duplicates._COLUMNS, near_duplicates._PAIRS = kept
    units = thumbnails / np.maximum(np.linalg.norm(thumbnails.astype(float), axis=1, keepdims=True), 1e-9)
    product = units @ units.T
    expected = np.argwhere(np.triu(product >= correlation, 1)).tolist()
    unsure = {tuple(pair) for pair in np.argwhere(np.abs(product - correlation) < 1e-9).tolist()}
    assert {(one, two) for one, two, _ in found} - unsure == {tuple(pair) for pair in expected} - unsure
    np.testing.assert_allclose([value for *_, value in found], [product[one, two] for one, two, _ in found])
    across = product[count // 2 :, : count // 2]
    certain = (np.abs(across - correlation) >= 1e-9).all(axis=1)
    assert (near == (across >= correlation).any(axis=1))[certain].all()


def test_large_sets_ask_for_more_likeness():
    assert group_correlation(0) == group_correlation(3000) == 0.985
    assert group_correlation(48_000) == pytest.approx(0.9925)
    assert group_correlation(752_803) == pytest.approx(0.9962, abs=1e-4)


def test_no_image_gives_no_group():
    assert groups_of(np.zeros((0, 256))) == []


def test_ct_is_compared_in_the_brain_window():
    rng = np.random.default_rng(0)
    air = np.full((64, 64), -1000.0)
    air[16:48, 16:48] = 0
    first, second = air.copy(), air.copy()
    first[16:48, 16:48] += np.kron(rng.integers(0, 80, (8, 8)), np.ones((4, 4)))
    second[16:48, 16:48] += np.kron(rng.integers(0, 80, (8, 8)), np.ones((4, 4)))
    assert groups_of([thumbnail(first, Intensity.HU), thumbnail(second, Intensity.HU)]) == [0, 1]
    assert groups_of([thumbnail(first), thumbnail(second)]) == [0, 0]


def test_the_digest_knows_pixels_and_shape_not_the_file(tmp_path, head):
    save_noise(tmp_path / "a.png", 1)
    save_noise(tmp_path / "b.png", 1)
    save_noise(tmp_path / "c.png", 2)
    (a,), (b,), (c,) = (map(unpack, read_fingerprints(tmp_path / f"{name}.png")) for name in "abc")
    assert a.digest == b.digest != c.digest
    flat, square = (make_fingerprint(np.zeros(shape, np.float32), Intensity.DISPLAY) for shape in ((2, 8), (4, 4)))
    assert flat.digest != square.digest


def test_a_fingerprint_is_packed_as_text(head):
    fingerprint = make_fingerprint(head.astype(np.float32), Intensity.DISPLAY)
    digest, packed = pack(fingerprint)
    assert isinstance(packed, str)
    np.testing.assert_array_equal(unpack([digest, packed]).thumbnail, fingerprint.thumbnail)


def test_each_slice_of_a_volume_has_a_fingerprint(tmp_path, head):
    volume = np.stack([head, head[::-1], head], axis=-1).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(volume, np.eye(4)), tmp_path / "v.nii.gz")
    first, second, third = map(unpack, read_fingerprints(tmp_path / "v.nii.gz"))
    assert first.digest == third.digest != second.digest


def test_an_unreadable_image_is_one_sentence(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG broken")
    with pytest.raises(InputError, match=r"a\.png"):
        read_fingerprints(tmp_path / "a.png")
