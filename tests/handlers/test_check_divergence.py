import pytest
import torch
from ignite.engine import Events
from monai.data import DataLoader, Dataset
from monai.engines import SupervisedTrainer
from torch import nn

from bundle.errors import InputError
from bundle.handlers import CheckDivergence


def trainer():
    torch.manual_seed(0)
    rows = [{"image": torch.rand(4), "label": torch.rand(1)} for _ in range(8)]
    network = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))
    return SupervisedTrainer(
        "cpu", 3, DataLoader(Dataset(rows), batch_size=4), network, torch.optim.Adam(network.parameters(), 0.1),
        nn.MSELoss(), train_handlers=[CheckDivergence()], decollate=False,
    )  # fmt: skip


def break_in_epoch_2(name):
    def break_it(engine):
        if engine.state.epoch == 2:
            engine.network.state_dict()[name].fill_(torch.nan)

    return break_it


@pytest.mark.parametrize("name", ["0.weight", "1.running_var"])
def test_the_epoch_and_the_learning_rate_are_named(name):
    training, completed = trainer(), []
    training.add_event_handler(Events.ITERATION_COMPLETED, break_in_epoch_2(name))
    training.add_event_handler(Events.EPOCH_COMPLETED, lambda engine: completed.append(engine.state.epoch))
    words = r"the training diverged in epoch 2 \(learning_rate 0\.1\); train again, .* with a smaller --learning_rate"
    with pytest.raises(InputError, match=words):
        training.run()
    assert completed == [1], "no handler after it has seen the epoch"


def test_a_training_that_learns_goes_on_to_its_end():
    training = trainer()
    training.run()
    assert training.state.epoch == 3
