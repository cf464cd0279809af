import torch
from ignite.engine import Engine
from monai.data import DataLoader, Dataset

from bundle.brain_mask_training import DropContradicted, Sample
from tests.transforms.drawn_head import Bright


def test_contradicted_samples_are_dropped_unless_certain() -> None:
    image = torch.full((1, 64, 64), -100, dtype=torch.int16)
    image[:, 16:48, 16:48] = 100
    good = (image > 0).to(torch.uint8)
    samples = [Sample(image=image, label=label, certain=certain) for label in (good, 1 - good) for certain in (0, 1)]
    dataset = Dataset(samples)
    DropContradicted(dataset, Bright(), epoch=1)(Engine(lambda engine, batch: None))
    assert [(bool((sample["label"] == good).all()), sample["certain"]) for sample in dataset.data] == [
        (True, 0),
        (True, 1),
        (False, 1),
    ]


def test_a_training_goes_on_with_the_kept_samples_alone() -> None:
    image = torch.full((1, 64, 64), -100, dtype=torch.int16)
    image[:, 16:48, 16:48] = 100
    good = (image > 0).to(torch.uint8)
    samples = [Sample(image=image, label=label, certain=False) for label in [good] * 3 + [1 - good] * 4]
    dataset = Dataset(samples)
    seen: list[int] = []
    trainer = Engine(lambda engine, batch: seen.append(int((batch["label"] == good).all())))
    DropContradicted(dataset, Bright(), epoch=2).attach(trainer)
    trainer.run(DataLoader(dataset, batch_size=1, shuffle=True), max_epochs=3)
    assert sum(seen[:7]) == 3
    assert len(seen) == 21
    assert all(seen[7:])
