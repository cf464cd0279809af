import numpy as np
import pytest
import torch
from monai.data import DataLoader
from monai.engines import SupervisedEvaluator
from monai.transforms import Activationsd
from torch import nn

from bundle.deploy import CollectOutputs, TolerantDataset
from bundle.deploy.tolerant import FAILED, LEFT_OUT
from bundle.engines import PrepareUnitRange
from bundle.errors import InputError
from bundle.uncertainty import Uncertainty, fit_gaussian, write_uncertainty
from tests.predictions.views import VIEW
from tests.results.examples import LIMITS

SIZE = 5


class Means(nn.Module):
    """Its penultimate features are the means of the channels."""

    def __init__(self):
        super().__init__()
        self.last = nn.Linear(3, 2)

    def forward(self, images):
        return self.last(images.mean((2, 3)))


def load(row):
    if row["image"] is None:
        raise InputError("is cut short", "copy it again", "1.png")
    return {"image": row["image"], "box_start": torch.zeros(2), "box_end": torch.zeros(2)}


@pytest.fixture
def run(tmp_path):
    """Return a function that runs five slices, the second of which fails, in batches of two."""
    torch.manual_seed(0)
    network, images = Means(), torch.rand(SIZE, 3, 4, 4)
    torch.save(network.state_dict(), tmp_path / "model.pt")
    gaussian = fit_gaussian(np.random.default_rng(0).random((20, 3)))

    def inference(uncertain):
        if uncertain:
            write_uncertainty(tmp_path / "model.pt", Uncertainty("binary", (LIMITS,), gaussian, VIEW))
        rows = [{"image": None if index == 1 else image} for index, image in enumerate(images)]
        outputs = CollectOutputs(network, tmp_path / "model.pt", "binary", VIEW, [[index] for index in range(SIZE)])
        SupervisedEvaluator(
            "cpu",
            DataLoader(TolerantDataset(rows, load, (3, 4, 4)), batch_size=2),
            network,
            prepare_batch=PrepareUnitRange(),
            postprocessing=Activationsd("pred", softmax=True),
            val_handlers=[outputs],
        ).run()
        return outputs.gathered(), network(images).softmax(1).detach().numpy(), gaussian.distances(images.mean((2, 3)))

    inference.network = network
    return inference


def test_probabilities_and_reasons_come_in_the_order_of_the_rows(run):
    found, probabilities, _ = run(uncertain=False)
    assert list(found.scored) == [True, False, True, True, True]
    np.testing.assert_allclose(found.probabilities[found.scored], probabilities[found.scored], rtol=1e-6)
    assert found.reasons[1] == "1.png is cut short; copy it again" and found.reasons.count("") == SIZE - 1
    assert not run.network.last._forward_pre_hooks


def test_distances_need_an_uncertainty_file(run):
    found, *_ = run(uncertain=False)
    assert found.distances is None and found.uncertainty is None
    assert found.no_uncertainty.startswith("there is no model.uncertainty.npz beside the checkpoint")
    found, _, distances = run(uncertain=True)
    assert found.uncertainty.at(LIMITS.level) == pytest.approx(LIMITS, nan_ok=True) and not found.no_uncertainty
    np.testing.assert_allclose(found.distances[found.scored], distances[found.scored], rtol=1e-5)


def test_nothing_is_collected_without_a_run(tmp_path):
    found = CollectOutputs(Means(), tmp_path / "model.pt", "binary", VIEW, []).gathered()
    assert found.probabilities.shape == (0, 2) and found.scored.shape == (0,) and found.distances is None


def test_the_slices_of_a_slab_have_its_values_and_each_its_own_reason(tmp_path):
    network = Means()
    torch.save(network.state_dict(), tmp_path / "model.pt")
    images = torch.rand(2, 3, 4, 4)
    samples = [
        {"image": images[0], FAILED: "\nis cut short\n", LEFT_OUT: "\n\n"},
        {"image": images[1], FAILED: "", LEFT_OUT: ""},
    ]
    outputs = CollectOutputs(network, tmp_path / "model.pt", "binary", VIEW, [[0, 2, 3], [1]])
    SupervisedEvaluator(
        "cpu", DataLoader(samples, batch_size=2), network, prepare_batch=PrepareUnitRange(),
        postprocessing=Activationsd("pred", softmax=True), val_handlers=[outputs],
    ).run()  # fmt: skip
    found, expected = outputs.gathered(), network(images).softmax(1).detach().numpy()
    assert found.reasons == ["", "", "is cut short", ""] and found.kinds == [""] * 4
    np.testing.assert_allclose(found.probabilities, expected[[0, 1, 0, 0]], rtol=1e-6)
