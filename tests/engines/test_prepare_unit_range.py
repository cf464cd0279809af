import torch

from bundle.engines import PrepareUnitRange


def test_a_batch_of_bytes_is_prepared_with_its_labels():
    batch = {"image": torch.full((2, 3, 4, 4), 255, dtype=torch.uint8), "label": torch.tensor([[1.0], [-1.0]])}
    image, label, *extra = PrepareUnitRange()(batch, "cpu")
    assert extra == [(), {}]
    assert torch.equal(image, torch.ones(2, 3, 4, 4))
    assert torch.equal(label, batch["label"])


def test_further_inputs_go_with_the_image_where_they_are_given():
    batch = {"image": torch.zeros(2, 3, 4, 4), "label": torch.zeros(2, 6), "clinical": torch.ones(2, 3)}
    by_name = PrepareUnitRange({"clinical": "clinical", "blood": "lesion"})
    *_, positional, named = PrepareUnitRange()(batch, "cpu")
    assert [each.tolist() for each in positional] == [[[1] * 3] * 2] and named == {}
    *_, positional, named = by_name({**batch, "lesion": torch.zeros(2, 1, 4, 4)}, "cpu")
    assert positional == () and {name: each.shape for name, each in named.items()} == {
        "clinical": (2, 3), "blood": (2, 1, 4, 4),
    }  # fmt: skip
    no_feature = {**batch, "clinical": torch.zeros(2, 0)}
    assert PrepareUnitRange()(no_feature, "cpu")[2:] == ((), {})
    assert by_name(no_feature, "cpu")[2:] == ((), {})
