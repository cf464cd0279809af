import pytest
import torch
from ignite.engine import Events
from monai.data import DataLoader, Dataset
from monai.engines import SupervisedEvaluator, SupervisedTrainer
from monai.handlers import ValidationHandler

from bundle.handlers import ValidateLastEpoch


@pytest.mark.parametrize(
    ("interval", "max_epochs", "validated"),
    [(1, 3, [1, 2, 3]), (2, 4, [2, 4]), (2, 5, [2, 4, 5]), (9, 4, [4])],
)
def test_the_last_epoch_is_validated_whatever_the_interval(interval, max_epochs, validated):
    loader = DataLoader(Dataset([{"image": torch.ones(2), "label": torch.ones(1)}] * 4), batch_size=2)
    network = torch.nn.Linear(2, 1)
    evaluator = SupervisedEvaluator("cpu", loader, network)
    epochs = []
    evaluator.add_event_handler(Events.COMPLETED, lambda engine: epochs.append(engine.state.epoch))
    SupervisedTrainer(
        "cpu", max_epochs, loader, network, torch.optim.SGD(network.parameters(), 0.1), torch.nn.MSELoss(),
        train_handlers=[ValidationHandler(interval, evaluator), ValidateLastEpoch(evaluator)], decollate=False,
    ).run()  # fmt: skip
    assert epochs == validated
