from types import SimpleNamespace

import pytest
import torch

from bundle.explain import Explainer
from bundle.handlers import GradCAMOverlays
from bundle.labels import CLASSES, UNKNOWN


@pytest.mark.parametrize(
    ("task", "slices_per_class"), [("subtype", 2), ("binary", 2), ("multilabel", 2), ("subtype", 0)]
)
def test_no_overlay_where_nothing_is_known_or_none_is_wanted(tmp_path, task, slices_per_class):
    rows = [{"label": [UNKNOWN if slices_per_class else 0] * 6}] * 3
    handler = GradCAMOverlays(
        tmp_path, Explainer(torch.nn.Sequential(), [], rows, task, "conv", "occlusion"), slices_per_class
    )
    handler.folder.mkdir()
    (handler.folder / "old.png").touch()
    details = {"probabilities": torch.full((3, len(CLASSES[task])), 1 / len(CLASSES[task])), "rows": rows, "task": task}
    handler(SimpleNamespace(state=SimpleNamespace(metric_details=details)))
    assert list(handler.folder.iterdir()) == []
