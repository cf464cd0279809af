import numpy as np
import pytest
import torch
from PIL import Image

from bundle.errors import InputError
from bundle.explain import Explainer
from tests.explain.bright import BrightCorner, Switched

SHAPE, BOX, SIZE = (40, 60), (slice(5, 37), slice(20, 52)), 32


class Dataset:
    """The pictures' box of 32 × 32 pixels, as bytes; it counts what it was asked for."""

    def __init__(self, pictures, **others):
        self.pictures, self.others, self.asked = pictures, others, []

    def __getitem__(self, index):
        self.asked.append(index)
        rows, columns = BOX
        start, end = torch.tensor([rows.start, columns.start]), torch.tensor([rows.stop, columns.stop])
        image = torch.from_numpy(self.pictures[index][BOX])[None]
        others = {key: values[index] for key, values in self.others.items()}
        return {"image": image, "box_start": start, "box_end": end, **others}


def explained(folder, count, network=None, **others):
    """Return the explainer of so many grey pictures, each with a white spot in another place of the box."""
    pictures, rows = [], []
    for index in range(count):
        picture = np.full(SHAPE, 60, np.uint8)
        top, left = 6 + 8 * (index % 4), 21 + 8 * (index // 4 % 4)
        picture[top : top + 6, left : left + 6] = 255
        Image.fromarray(picture).save(folder / f"{index}.png")
        pictures.append(picture)
        rows.append({"image": str(folder / f"{index}.png")})
    return Explainer(network or BrightCorner(), Dataset(pictures, **others), rows, "binary", "conv")


def test_the_heat_lies_over_the_evidence_in_the_geometry_of_the_file(tmp_path):
    explainer = explained(tmp_path, 6)
    for index, found in zip((5, 2), explainer.explain([5, 2], [1, 1]), strict=True):
        assert (found.index, found.class_index, found.row) == (index, 1, explainer.rows[index])
        assert found.heat.shape == (SIZE, SIZE) and found.read().pixels.shape == SHAPE
        bright = explainer.dataset.pictures[index] == 255
        heat = found.restored(found.heat, SHAPE)
        assert heat.shape == SHAPE and heat[bright].mean() > 3 * heat[~bright].mean()
        assert torch.equal(found.image, torch.from_numpy(explainer.dataset.pictures[index][BOX])[None] / 255)


def test_overlays_leave_what_the_network_did_not_see_as_it_was(tmp_path):
    explainer = explained(tmp_path, 3)
    shown, other = explainer.overlays([1, 2], [1, 1])
    assert shown.shape == (*SHAPE, 3) and shown.dtype == np.uint8
    grey = np.repeat(explainer.dataset.pictures[1][..., None], 3, axis=2)
    outside = np.ones(SHAPE, bool)
    outside[BOX] = False
    np.testing.assert_array_equal(shown[outside], grey[outside])
    assert (shown[~outside] != grey[~outside]).any() and (shown != other).any()


def test_many_slices_are_loaded_a_batch_at_a_time(tmp_path):
    explainer = explained(tmp_path, 40)
    found = explainer.explain(range(40), [1] * 40)
    assert explainer.dataset.asked == []
    first = next(found)
    assert explainer.dataset.asked == list(range(32))
    (alone,) = explainer.explain([0], [1])
    np.testing.assert_allclose(first.heat, alone.heat, atol=1e-6)
    assert [each.index for each in found] == list(range(1, 40))


def test_further_inputs_reach_the_network(tmp_path):
    sides = torch.tensor([[1.0], [-1.0]])
    explainer = explained(tmp_path, 2, Switched(), clinical=sides)
    explainer.method = "occlusion"
    right, left = explainer.explain([0, 1], [1, 1])
    assert right.heat.max() == left.heat.max() == 1
    assert right.heat[:, :8].max() < 1e-3 and left.heat[:, 24:].max() < 1e-3
    assert torch.equal(left.extra["clinical"], sides[1:])
    without = explained(tmp_path, 1, clinical=torch.zeros(1, 0))
    assert next(without.explain([0], [1])).extra == {}, "where no feature is named"


@pytest.mark.parametrize(
    ("layer", "method", "sentence"),
    [
        ("conv", "lime", "one of gradcam, gradcam.., occlusion, evidence, got 'lime'"),
        ("head", "gradcam++", "no layer 'head'"),
    ],
)
def test_bad_words_are_named_before_anything_is_scored(layer, method, sentence):
    with pytest.raises(InputError, match=sentence):
        Explainer(BrightCorner(), Dataset([]), [], "binary", layer, method)
