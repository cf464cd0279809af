import pytest
import torch
from ignite.engine import Events
from monai.data import DataLoader, Dataset
from monai.engines import SupervisedEvaluator, SupervisedTrainer

from bundle.files import file_sha256
from bundle.handlers import History
from bundle.handlers.history import read_training
from bundle.predictions import read_history
from tests.handlers.test_checkpoint import Training


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


def test_a_training_tells_of_which_checkpoint_it_is(tmp_path):
    Training(tmp_path, epochs=1).trainer.run()
    training = Training(tmp_path / "other", epochs=1, seed=4)
    History(tmp_path / "other" / "history.csv", training.state.evaluator).attach(training.trainer)
    training.trainer.run()
    told = read_training(tmp_path / "other" / "history.csv")
    assert told["checkpoint"] == file_sha256(tmp_path / "other" / "model.pt") != file_sha256(tmp_path / "model.pt")
    assert not read_training(tmp_path / "history.csv")
