import pytest
import torch
from ignite.engine import Events
from monai.data import DataLoader, Dataset
from monai.engines import SupervisedEvaluator, SupervisedTrainer

from bundle.handlers import History
from bundle.predictions import read_history


@pytest.mark.parametrize("drop_last", [False, True])
def test_the_speed_counts_the_images_that_were_there(tmp_path, drop_last):
    dataset = Dataset([{"image": torch.ones(2), "label": torch.ones(1)}] * 9)
    loader, network, seconds = DataLoader(dataset, batch_size=8, drop_last=drop_last), torch.nn.Linear(2, 1), []
    trainer = SupervisedTrainer(
        "cpu", 2, loader, network, torch.optim.SGD(network.parameters(), 0.1), torch.nn.MSELoss(), decollate=False
    )
    trainer.add_event_handler(
        Events.EPOCH_COMPLETED, lambda engine: seconds.append(engine.state.times[Events.EPOCH_COMPLETED.name])
    )
    History(tmp_path / "history.csv", SupervisedEvaluator("cpu", loader, network)).attach(trainer)
    trainer.run()
    images = read_history(tmp_path / "history.csv")["images_per_second"] * seconds
    assert images == pytest.approx([8, 8] if drop_last else [9, 9], rel=1e-4)
