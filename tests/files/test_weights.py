import pytest
import torch
from torch import nn

from bundle.files.weights import read_weights, save_weights


def test_half_the_size_and_the_same_values(tmp_path):
    network = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    save_weights(network, tmp_path / "new" / "weights.pt")
    weights = read_weights(tmp_path / "new" / "weights.pt")
    assert weights["0.weight"].dtype == torch.float16 and weights["1.num_batches_tracked"].dtype == torch.int64
    again = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    again.load_state_dict(weights)
    images = torch.rand(4, 3)
    torch.testing.assert_close(again.eval()(images), network.eval()(images), atol=2e-3, rtol=0)


def test_weights_beyond_half_precision_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="slope"):
        save_weights({"slope": torch.tensor(1e6)}, tmp_path / "large.pt")
    assert not list(tmp_path.iterdir())
