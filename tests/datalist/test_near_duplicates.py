import numpy as np
import pytest

from bundle.datalist import find_conflicts, find_groups, near_duplicates, read_fingerprint
from bundle.datalist.fingerprint import Fingerprint, make_fingerprint
from bundle.errors import InputError
from bundle.intensity import Intensity
from tests.datalist.examples import BLEED, NORMAL, SUBDURAL, save_noise


def fingerprint(image, intensity=Intensity.DISPLAY):
    return make_fingerprint(np.asarray(image, dtype=np.float32), intensity)


@pytest.fixture
def head():
    return np.kron(np.random.default_rng(0).integers(0, 200, (16, 16)), np.ones((4, 4)))


def test_a_brighter_and_a_noisy_copy_are_near_duplicates(head):
    other = np.random.default_rng(1).integers(0, 200, head.shape)
    noisy = head + np.random.default_rng(2).normal(0, 5, head.shape)
    assert find_groups([fingerprint(each) for each in (other, head, head + 20, noisy)]).tolist() == [0, 1, 1, 1]


def test_groups_chain_through_others():
    angles = np.linspace(0, 0.3, 4)
    chain = [Fingerprint(str(angle), np.array([np.cos(angle), np.sin(angle)], np.float32)) for angle in angles]
    assert find_groups([chain[0], chain[3]]).tolist() == [0, 1]
    assert find_groups(chain).tolist() == [0, 0, 0, 0]


def test_empty_images_join_each_other_and_nothing_else(head):
    black, grey = np.zeros((64, 64)), np.full((64, 64), 77.7)
    groups = find_groups([fingerprint(each) for each in (black, head, black, grey)])
    assert groups.tolist() == [0, 1, 0, 2]


def test_blocks_give_what_one_product_gives(monkeypatch):
    rng = np.random.default_rng(0)
    prints = [fingerprint(np.kron(rng.integers(0, 200, (4, 4)), np.ones((8, 8)))) for _ in range(12)]
    prints += [Fingerprint(f"copy {each.digest}", each.thumbnail) for each in prints[::3]]
    whole = find_groups(prints)
    monkeypatch.setattr(near_duplicates, "_BLOCK", 1)
    assert find_groups(prints).tolist() == whole.tolist() == [*range(12), 0, 3, 6, 9]


def test_no_image_gives_no_group():
    assert find_groups([]).tolist() == []


def test_ct_is_compared_in_the_brain_window():
    rng = np.random.default_rng(0)
    air = np.full((64, 64), -1000.0)
    air[16:48, 16:48] = 0
    first, second = air.copy(), air.copy()
    first[16:48, 16:48] += np.kron(rng.integers(0, 80, (8, 8)), np.ones((4, 4)))
    second[16:48, 16:48] += np.kron(rng.integers(0, 80, (8, 8)), np.ones((4, 4)))
    assert find_groups([fingerprint(first, Intensity.HU), fingerprint(second, Intensity.HU)]).tolist() == [0, 1]
    assert find_groups([fingerprint(first), fingerprint(second)]).tolist() == [0, 0]


def test_the_digest_knows_pixels_and_shape_not_the_file(tmp_path, head):
    save_noise(tmp_path / "a.png", 1)
    save_noise(tmp_path / "b.png", 1)
    save_noise(tmp_path / "c.png", 2)
    a, b, c = (read_fingerprint(tmp_path / f"{name}.png").digest for name in "abc")
    assert a == b != c
    assert fingerprint(np.zeros((2, 8))).digest != fingerprint(np.zeros((4, 4))).digest


def test_an_unreadable_image_is_one_sentence(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG broken")
    with pytest.raises(InputError, match=r"a\.png"):
        read_fingerprint(tmp_path / "a.png")


def test_only_identical_images_with_contradicting_labels_conflict(head):
    same, other = fingerprint(head), fingerprint(head + 1)
    prints = [same, other, same, same, other]
    assert find_conflicts(prints, [SUBDURAL, SUBDURAL, NORMAL, SUBDURAL, BLEED]) == {0: 2, 2: 0, 3: 0}
