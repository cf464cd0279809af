import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from bundle.gate import Kind, LeftOut
from bundle.transforms import JudgeSliced
from tests.readers.test_voxel_unit import head


def sample(values, intensity="HU"):
    meta = {"intensity": intensity, "filename_or_obj": "a.dcm"}
    return {"image": MetaTensor(torch.as_tensor(np.float32(values))[None], meta=meta), "slice": 3}


def test_a_slice_that_shows_something_passes_as_it_is():
    given = sample(head()[..., 0])
    result = JudgeSliced("image")(given)
    assert result is not given and result["image"] is given["image"] and result["slice"] == 3


@pytest.mark.parametrize(
    ("values", "kind", "sentence"),
    [
        (np.full((8, 8), -1024), Kind.EMPTY, r"a.dcm is left out \(empty\): all of it is -1024"),
        (head()[..., 0] + 1000, Kind.UNKNOWN_UNIT, "1000 above HU, so its RescaleIntercept is wrong"),
    ],
)
def test_other_slices_are_left_out_with_their_kind(values, kind, sentence):
    with pytest.raises(LeftOut, match=sentence) as caught:
        JudgeSliced("image")(sample(values))
    assert caught.value.finding.kind is kind
