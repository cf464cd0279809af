import json

import pytest

RANK = {"_target_": "ignite.distributed.get_rank"}
"""0 and so false in the one process that shows and writes, or where there is no job."""


def components(config):
    """Yield every dict of a config that names a component."""
    if isinstance(config, dict) and "_target_" in config:
        yield config
    children = config.values() if isinstance(config, dict) else config if isinstance(config, list) else ()
    for child in children:
        yield from components(child)


@pytest.mark.parametrize("name", ["train", "evaluate", "inference"])
def test_what_shows_progress_or_writes_events_is_left_out_but_for_rank_zero(root, name):
    found = list(components(json.loads((root / "configs" / f"{name}.json").read_text())))
    assert "bundle.handlers.ProgressBar" in [each["_target_"] for each in found], "which rank 0 alone shows"
    aware = ("bundle.handlers.GradCAMOverlays", "bundle.handlers.EvaluationReport")
    for each in found:
        assert each["_target_"] != "ignite.handlers.ProgressBar"
        if "@summary_writer" in each.values() and each["_target_"] not in aware:
            assert each.get("_disabled_") == "@train#no_tensorboard", each["_target_"]


def test_the_writer_of_events_is_rank_zero_s(root):
    assert json.loads((root / "configs" / "train.json").read_text())["summary_writer"]["_disabled_"] == RANK


def test_what_both_configs_for_several_processes_say_is_the_same(root):
    train, inference = (
        json.loads((root / "configs" / f"multi_gpu_{name}.json").read_text()) for name in ("train", "inference")
    )
    shared = (train.keys() & inference.keys()) - {"_command_"}
    assert {"device", "num_workers", "+initialize", "finalize"} <= shared
    for key in shared:
        assert train[key] == inference[key], key


def test_the_guide_and_the_readme_name_them(root):
    for name in ("train", "inference"):
        assert f"configs/multi_gpu_{name}.json" in (root / "docs" / "multi_gpu.md").read_text()
    assert "docs/multi_gpu.md" in (root / "README.md").read_text()
