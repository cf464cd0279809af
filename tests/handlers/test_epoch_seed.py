import ignite.distributed as idist
import pytest
import torch
from ignite.engine import Engine
from monai.data import DataLoader, Dataset
from monai.transforms import RandGaussianNoised

from bundle.handlers import EpochSeed


def drawn(seed, rank=0, processes=1, epochs=2):
    """Return what noise, torch's generator and the loader's draw in each epoch of a process."""
    dataset = Dataset([{"image": torch.zeros(2)}], RandGaussianNoised("image", prob=1))
    generator, seen = torch.Generator(), []

    def iteration(engine, batch):
        seen.append((dataset[0]["image"].tolist(), torch.rand(1).item(), torch.rand(1, generator=generator).item()))

    engine = Engine(iteration)
    engine.data_loader = DataLoader(dataset, generator=generator)
    EpochSeed(seed).attach(engine)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(idist, "get_rank", lambda: rank)
        patch.setattr(idist, "get_world_size", lambda: processes)
        engine.run([0], max_epochs=epochs)
    return seen


def test_each_epoch_of_each_process_draws_its_own_and_always_the_same():
    everything = [drawn(seed, rank, processes=2) for seed in (3, 4) for rank in (0, 1)]
    assert everything == [drawn(seed, rank, processes=2) for seed in (3, 4) for rank in (0, 1)]
    for values in zip(*(epoch for process in everything for epoch in process), strict=True):
        assert len({str(value) for value in values}) == 8


def test_a_loader_whose_order_cannot_be_seeded_is_refused():
    engine = Engine(lambda engine, batch: None)
    engine.data_loader = DataLoader(Dataset([0]))
    EpochSeed(1).attach(engine)
    with pytest.raises(ValueError, match="no generator"):
        engine.run([0])


def test_without_a_seed_nothing_is_seeded():
    torch.manual_seed(0)
    assert drawn(None) != drawn(None)
