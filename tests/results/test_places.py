import numpy as np
import pytest
from PIL import Image

from bundle.results.places import SEVERAL, copied_slices, mixed_heads
from tests.readers.dicom_examples import head_hu, make_dicom, write_dicom


def stack(folder, positions, hu):
    """Return the rows of slices of the same pixels, in the order of their positions."""
    return [
        {
            "image": str(write_dicom(folder / f"{n}.dcm", make_dicom(hu))),
            "position": each,
            "study": "1.2",
            "series": "3",
        }
        for n, each in enumerate(positions)
    ]


@pytest.mark.parametrize(
    ("other", "positions", "mixed"),
    [
        (10, [0, 5, 10, 15], True),
        (10, [10], True),
        (0, [0, 5, 10, 15], False),
        (0, [0.5, 5.5, 10.5, 15.5], True),
        (10, [20, 25, 30], False),
    ],
    ids=["two heads", "one slice more", "a copy", "half a mm beside", "one after the other"],
)
def test_different_slices_at_one_place(tmp_path, other, positions, mixed):
    rows = stack(tmp_path / "a", [0, 5, 10, 15], head_hu(16)) + stack(tmp_path / "b", positions, head_hu(16) + other)
    rows.sort(key=lambda row: row["position"])
    assert mixed_heads(rows) == ({("1.2", "3", ""): SEVERAL} if mixed else {})


def test_narrow_steps_at_the_base_and_unknown_positions_are_none(tmp_path):
    rows = stack(tmp_path, [0, 1.25, 2.5, 3.75, 13.75, 23.75, 33.75], head_hu(16))
    assert mixed_heads(rows) == {}
    assert mixed_heads(stack(tmp_path, [None] * 4, np.eye(16))) == {}
    assert mixed_heads([]) == {}


@pytest.mark.parametrize(
    ("different", "count", "copied"), [(1, 12, True), (9, 12, True), (10, 12, False), (1, 9, False)]
)
def test_slices_without_positions_that_are_copies(tmp_path, different, count, copied):
    rows = []
    for n in range(count):
        Image.fromarray(np.full((8, 8), 20 * (n % different), np.uint8)).save(tmp_path / f"{n}.png")
        rows.append({"image": str(tmp_path / f"{n}.png"), "position": None, "study": "", "series": "a"})
    clause = f"only {different} different slices among its {count}"
    assert copied_slices(rows) == ({("", "a", ""): clause} if copied else {})
