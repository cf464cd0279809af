import torch

from bundle.engines import PrepareUnitRange, unit_range


def test_bytes_become_the_unit_range_and_floats_stay():
    levels = torch.tensor([[0, 51, 255]], dtype=torch.uint8)
    assert torch.equal(unit_range(levels), torch.tensor([[0, 0.2, 1]]))
    assert levels.tolist() == [[0, 51, 255]]
    floats = torch.tensor([[0.1, 0.7]])
    assert unit_range(floats) is floats


def test_a_batch_of_bytes_is_prepared_with_its_labels():
    batch = {"image": torch.full((2, 3, 4, 4), 255, dtype=torch.uint8), "label": torch.tensor([[1.0], [-1.0]])}
    image, label, *extra = PrepareUnitRange()(batch, "cpu")
    assert extra == [(), {}]
    assert torch.equal(image, torch.ones(2, 3, 4, 4))
    assert torch.equal(label, batch["label"])
