import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.preprocessing import blacken_paper_frame
from tests.transforms.drawn_head import drawn_head


@pytest.fixture
def picture() -> torch.Tensor:
    return torch.as_tensor(drawn_head(96)[0], dtype=torch.float32)[None].div(80).clamp(0, 1)


@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.tuples(*[st.integers(0, 40)] * 4), st.floats(0.93, 1))
def test_the_frame_is_black_and_the_picture_as_it_was(frame: tuple[int, ...], paper: float) -> None:
    picture = torch.rand(1, 32, 48, generator=torch.Generator().manual_seed(0)) * 0.9
    framed = torch.nn.functional.pad(picture, frame, value=paper)
    assert torch.equal(blacken_paper_frame(framed), torch.nn.functional.pad(picture, frame))


def test_writing_on_the_paper_goes_with_it(picture: torch.Tensor) -> None:
    framed = torch.nn.functional.pad(picture, (20, 20, 0, 30), value=1.0)
    framed[:, -20:-10, 30:50:2] = 0
    assert torch.equal(blacken_paper_frame(framed), torch.nn.functional.pad(picture, (20, 20, 0, 30)))


def test_a_tight_picture_keeps_its_skull(picture: torch.Tensor) -> None:
    rows, columns = (np.flatnonzero((picture[0] > 0.9).any(1 - axis)) for axis in (0, 1))
    tight = picture[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert tight[0, 0].max() == 1
    assert torch.equal(blacken_paper_frame(tight), tight)


def test_nothing_but_paper_is_black() -> None:
    assert not blacken_paper_frame(torch.ones(1, 8, 8)).any()
