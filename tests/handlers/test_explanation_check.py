"""The handler on slices whose bleed is a bright square, with a network that was made to see just that."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from bundle.explain import Explainer
from bundle.handlers import ExplanationCheck
from bundle.labels import CLASSES, LABELS

SIDE, SQUARE = 64, 12
VALUES = {1: "brain", 2: "epidural", 6: "subdural"}


class BrightSpot(nn.Module):
    """The logit of every bleed is how bright the brightest places are."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 1, 1)
        nn.init.constant_(self.conv.weight, 1 / 3)
        nn.init.constant_(self.conv.bias, -0.5)

    def forward(self, images):
        bright = torch.relu(self.conv(nn.functional.avg_pool2d(images, 4))).sum((1, 2, 3)) * 3
        return torch.stack([-bright, *[bright] * 5], 1)


@pytest.fixture
def check(tmp_path):
    """Return a function that runs the handler on six slices, of which four bleed, and one mask is empty."""
    rng = np.random.default_rng(0)
    rows, samples = [], []
    for index in range(6):
        image = np.full((SIDE, SIDE), 0.3, np.float32)
        mask = np.ones((SIDE, SIDE), np.uint8)
        label = np.zeros(6, np.float32)
        top, left = rng.integers(4, SIDE - SQUARE - 4, 2)
        if index < 4:
            image[top : top + SQUARE, left : left + SQUARE] = 1
            mask[top : top + SQUARE, left : left + SQUARE] = 2 if index else 1
            label[[0, 5]] = 1
        Image.fromarray((image * 255).astype(np.uint8)).save(tmp_path / f"i{index}.png")
        Image.fromarray(mask).save(tmp_path / f"m{index}.png")
        rows.append({"image": str(tmp_path / f"i{index}.png"), "mask": str(tmp_path / f"m{index}.png"), "label": label})
        box = torch.tensor([0, 0], dtype=torch.int32), torch.tensor([SIDE, SIDE], dtype=torch.int32)
        samples.append({"image": torch.from_numpy(image).expand(3, -1, -1), "box_start": box[0], "box_end": box[1]})
    details = {
        "probabilities": torch.full((6, 6), 1 / len(CLASSES["subtype"])),
        "labels": torch.from_numpy(np.stack([row["label"] for row in rows])),
    }

    def run(rows=rows, slices=10):
        handler = ExplanationCheck(tmp_path, Explainer(BrightSpot(), samples, rows, "subtype", "conv"), VALUES, slices)
        handler(SimpleNamespace(state=SimpleNamespace(metric_details={**details, "rows": rows, "task": "subtype"})))
        return json.loads(handler.path.read_text()) if handler.path.exists() else None

    return run


def test_a_map_of_the_bleed_hits_and_deletes(check):
    assert LABELS[0] == "epidural"
    content = check()
    assert (content["method"], content["layer"], content["outlined"]) == ("gradcam", "conv", 4)
    assert [each["line"] for each in content["slices"]] == [3, 4, 5], "the empty mask is left out"
    for each in content["slices"]:
        assert each["class"] == "epidural" and each["inside"] and each["near"] and not each["no_heat"]
        assert each["chance_inside"] == pytest.approx(SQUARE**2 / SIDE**2, abs=0.005)
        assert each["chance_near"] > each["chance_inside"]
        assert each["deletion"][0] == each["random"][0]
        assert sum(each["deletion"]) < sum(each["random"]) - 0.2


def test_the_draw_is_capped_and_repeats(check):
    first = check(slices=2)
    assert first["outlined"] == 4 and len(first["slices"]) <= 2
    assert check(slices=2) == first


@pytest.mark.parametrize("options", [{"slices": 0}, {"rows": [{"mask": "", "label": np.ones(6)}] * 6}])
def test_nothing_to_check_leaves_no_old_file(check, options):
    assert check() is not None
    assert check(**options) is None
