import json

import pytest


def components(config):
    """Yield every dict of a config that names a component."""
    if isinstance(config, dict) and "_target_" in config:
        yield config
    children = config.values() if isinstance(config, dict) else config if isinstance(config, list) else ()
    for child in children:
        yield from components(child)


@pytest.mark.parametrize("name", ["train", "evaluate", "inference"])
def test_whatever_writes_or_shows_progress_is_left_out_but_for_rank_zero(root, name):
    config = json.loads((root / "configs" / f"{name}.json").read_text())
    found = list(components(config))
    shown = ("ignite.handlers.ProgressBar", "torch.utils.tensorboard.SummaryWriter")
    writers = [each for each in found if "@summary_writer" in each.values() or each["_target_"] in shown]
    assert writers
    for each in writers:
        assert each.get("_disabled_") == "$@rank > 0", each["_target_"]


def test_what_both_configs_for_several_processes_say_is_the_same(root):
    train, inference = (
        json.loads((root / "configs" / f"multi_gpu_{name}.json").read_text()) for name in ("train", "inference")
    )
    shared = train.keys() & inference.keys()
    assert {"rank", "device", "num_workers", "+initialize", "finalize"} <= shared
    for key in shared:
        assert train[key] == inference[key], key


def test_the_guide_and_the_readme_name_them(root):
    for name in ("train", "inference"):
        assert f"configs/multi_gpu_{name}.json" in (root / "docs" / "multi_gpu.md").read_text()
    assert "docs/multi_gpu.md" in (root / "README.md").read_text()
