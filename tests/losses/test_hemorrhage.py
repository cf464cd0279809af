import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss
from torch.nn import functional as F

from bundle.labels import UNKNOWN
from bundle.losses import HemorrhageLoss

U = UNKNOWN
NORMAL = [0, 0, 0, 0, 0, 0]
BLEED_OF_UNKNOWN_KIND = [U, U, U, U, U, 1]


def loss(task, logits, labels, weights=None):
    return HemorrhageLoss(task, weights)(torch.tensor(logits).float(), torch.tensor(labels).float()).item()


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8), st.integers(0, 2**16))
@settings(max_examples=30, deadline=None)
def test_single_subtypes_are_plain_cross_entropy(classes, seed):
    logits = torch.randn(len(classes), 6, generator=torch.Generator().manual_seed(seed))
    labels = torch.zeros(len(classes), 6)
    for row, index in enumerate(classes):
        if index:
            labels[row, index - 1] = labels[row, 5] = 1
    weights = torch.rand(6, generator=torch.Generator().manual_seed(seed + 1)) + 0.1
    ours = HemorrhageLoss("subtype", weights.tolist())(logits, labels)
    torch.testing.assert_close(ours, F.cross_entropy(logits, torch.tensor(classes), weight=weights))


def test_several_subtypes_share_the_target():
    logits = [[0.3, 1.0, -1.0, 0.2, 0.5, 2.0]]
    log_p = torch.log_softmax(torch.tensor(logits), 1)[0]
    expected = -(log_p[1] + log_p[5]) / 2
    assert loss("subtype", logits, [[1, 0, 0, 0, 1, 1]]) == pytest.approx(expected.item(), rel=1e-6)


def test_a_bleed_of_unknown_kind_is_scored_by_the_sum_of_the_unknown_subtypes():
    logits = [[0.3, 1.0, -1.0, 0.2, 0.5, 2.0]]
    p = torch.softmax(torch.tensor(logits), 1)[0]
    assert loss("subtype", logits, [BLEED_OF_UNKNOWN_KIND]) == pytest.approx(-math.log(1 - p[0]), rel=1e-5)
    assert loss("subtype", logits, [[0, U, U, 0, 0, 1]]) == pytest.approx(-math.log(p[2] + p[3]), rel=1e-5)


@pytest.mark.parametrize("task", ["subtype", "binary", "multilabel"])
def test_unknown_rows_change_nothing(task):
    width = 2 if task == "binary" else 6
    logits = torch.randn(3, width, generator=torch.Generator().manual_seed(0), requires_grad=True)
    known = torch.tensor([[1, 0, 0, 0, 0, 1], NORMAL]).float()
    with_unknown = torch.cat([known, torch.full((1, 6), U)])
    criterion = HemorrhageLoss(task)
    torch.testing.assert_close(criterion(logits, with_unknown), criterion(logits[:2], known))
    criterion(logits, with_unknown).backward()
    assert torch.equal(logits.grad[2], torch.zeros(width))


@pytest.mark.parametrize("task", ["subtype", "binary", "multilabel"])
def test_nothing_known_is_zero_and_never_nan(task):
    logits = torch.randn(2, 2 if task == "binary" else 6, requires_grad=True)
    value = HemorrhageLoss(task)(logits, torch.full((2, 6), U))
    value.backward()
    assert value.item() == 0
    assert torch.isfinite(logits.grad).all()


def test_gradients_are_finite_for_extreme_logits():
    logits = torch.tensor([[100.0, -100, -100, -100, -100, -100]] * 2, requires_grad=True)
    value = HemorrhageLoss("subtype")(logits, torch.tensor([BLEED_OF_UNKNOWN_KIND, [1, 0, 0, 0, 0, 1]]).float())
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(logits.grad).all()


def test_binary_uses_any_alone():
    logits, labels = [[0.2, 1.5], [1.0, -1.0]], [BLEED_OF_UNKNOWN_KIND, NORMAL]
    expected = F.cross_entropy(torch.tensor(logits), torch.tensor([1, 0])).item()
    assert loss("binary", logits, labels) == pytest.approx(expected, rel=1e-6)


def test_multilabel_is_the_weighted_log_loss_of_the_challenge():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, (40, 6))
    logits = rng.normal(size=(40, 6))
    p = 1 / (1 + np.exp(-logits))
    each = [log_loss(labels[:, k], p[:, k], labels=[0, 1]) for k in range(6)]
    expected = np.average(each, weights=[1, 1, 1, 1, 1, 2])
    assert loss("multilabel", logits, labels) == pytest.approx(expected, rel=1e-5)


def test_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="task must be one of"):
        HemorrhageLoss("segmentation")
    with pytest.raises(ValueError, match="needs 6 weights, got 2"):
        HemorrhageLoss("subtype", [1, 1])
    with pytest.raises(ValueError, match=r"got \(2, 3\) and \(2, 6\)"):
        HemorrhageLoss("subtype")(torch.zeros(2, 3), torch.zeros(2, 6))


@pytest.mark.parametrize("task", ["subtype", "binary", "multilabel"])
def test_weights_follow_the_logits_to_their_device(task):
    width = 2 if task == "binary" else 6
    logits, labels = torch.zeros(3, width, device="meta"), torch.zeros(3, 6, device="meta")
    assert HemorrhageLoss(task, [1] * width)(logits, labels).device.type == "meta"
