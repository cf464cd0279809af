import pytest
import torch
from ignite.exceptions import NotComputableError

from bundle.handlers.set_loss import SetLoss
from bundle.labels import UNKNOWN
from bundle.losses import HemorrhageLoss


def scores():
    generator = torch.Generator().manual_seed(0)
    labels = (torch.rand(9, 6, generator=generator) < 0.3).float()
    labels[:, 5] = labels[:, :5].amax(1)
    labels[:4] = UNKNOWN
    return torch.randn(9, 6, generator=generator), labels


@pytest.mark.parametrize("batch", [1, 4, 9])
@pytest.mark.parametrize("task", ["subtype", "multilabel"])
def test_it_is_the_loss_of_the_whole_set_however_it_falls_into_batches(task, batch):
    logits, labels = scores()
    metric = SetLoss(HemorrhageLoss(task))
    for _ in range(2):
        metric.reset()
        for start in range(0, 9, batch):
            part = slice(start, start + batch)
            metric.update((list(logits[part]), list(labels[part])))
        assert metric.compute() == HemorrhageLoss(task)(logits, labels).item()


def test_what_lies_beyond_the_set_is_dropped():
    logits, labels = scores()
    metric = SetLoss(HemorrhageLoss("subtype"), size=7)
    metric.update((logits, labels))
    assert metric.compute() == HemorrhageLoss("subtype")(logits[:7], labels[:7]).item()


def test_no_update():
    with pytest.raises(NotComputableError, match="at least one batch"):
        SetLoss(HemorrhageLoss("subtype")).compute()
