from collections.abc import Callable
from pathlib import Path

import torch
from monai.bundle import ConfigParser
from monai.utils import set_determinism

from bundle.transforms.brain_mask import load_mask_network

CONFIG = "configs/train_brain_mask.json"


def parsed(root: Path, **overrides: object) -> ConfigParser:
    parser = ConfigParser()
    parser.read_config(root / CONFIG)
    parser.update(
        {"head_ct_data": None, "phantoms": 1, "phantom_slices": 4, "max_epochs": 1, "batch_size": 2, **overrides}
    )
    return parser


def test_the_config_trains_on_phantoms_alone(command: Callable, tmp_path: Path, root: Path) -> None:
    weights = tmp_path / "brain_mask.pt"
    arguments = ("--phantoms", 1, "--phantom_slices", 2, "--batch_size", 2, "--max_epochs", 1, "--weights", weights)
    done = command("monai.bundle", "run", "training", "--config_file", CONFIG, *arguments, HEAD_CT_DATA="")
    assert done.returncode == 0, done.stderr
    load_mask_network(parsed(root).get_parsed_content("network_def"), weights)
    assert weights.stat().st_size < 2_000_000


def test_the_same_seed_trains_the_same_network(root: Path) -> None:
    trained = []
    for _ in range(2):
        set_determinism(0)
        parser = parsed(root, **{"train#handlers": []})
        parser.get_parsed_content("train#trainer").run()
        trained.append(parser.get_parsed_content("network").state_dict())
    set_determinism(None)
    assert all(torch.equal(first, second) for first, second in zip(*(each.values() for each in trained), strict=True))


def test_the_shipped_weights_fit_the_configs_network(root: Path) -> None:
    load_mask_network(parsed(root).get_parsed_content("network_def"), root / "models/brain_mask.pt")
    assert (root / "models/brain_mask.pt").stat().st_size < 2_000_000
