import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bundle.calibration.task_loss import task_loss
from bundle.labels import CLASSES, UNKNOWN
from bundle.losses import HemorrhageLoss

ROWS = st.sampled_from(
    [
        [0] * 6,
        [1, 0, 0, 0, 0, 1],
        [0, 0, 1, 0, 1, 1],
        [UNKNOWN] * 5 + [1],
        [0, UNKNOWN, 0, 0, UNKNOWN, 1],
        [UNKNOWN] * 6,
    ]
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.sampled_from(list(CLASSES)),
    st.lists(ROWS, min_size=1, max_size=6),
    hnp.arrays(np.float64, (6, 6), elements=st.floats(-30, 30)),
)
def test_it_is_the_loss_that_networks_are_trained_with(task, rows, values):
    labels = np.array([[0] * 6, *rows], float)  # of one slice something is known
    logits = np.resize(values, (len(labels), len(CLASSES[task])))
    expected = HemorrhageLoss(task)(torch.from_numpy(logits), torch.from_numpy(labels)).item()
    assert task_loss(logits, labels, task) == pytest.approx(expected, rel=1e-4, abs=1e-5)
