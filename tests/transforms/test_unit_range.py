import torch

from bundle.transforms import unit_range


def test_bytes_become_the_unit_range_and_floats_stay():
    levels = torch.tensor([[0, 51, 255]], dtype=torch.uint8)
    assert torch.equal(unit_range(levels), torch.tensor([[0, 0.2, 1]]))
    assert levels.tolist() == [[0, 51, 255]]
    floats = torch.tensor([[0.1, 0.7]])
    assert unit_range(floats) is floats
