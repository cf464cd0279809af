import math
from dataclasses import replace

import numpy as np
import pytest

from bundle.errors import InputError
from bundle.predictions import Predictions
from bundle.uncertainty import (
    LEVELS,
    Uncertainty,
    find_uncertainty,
    fit_gaussian,
    fit_limits,
    read_uncertainty,
    uncertainty_path,
    write_uncertainty,
)
from tests.predictions.views import VIEW


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "model.pt"
    path.write_bytes(b"weights")
    return path


@pytest.fixture(scope="module")
def uncertainty():
    generator = np.random.default_rng(0)
    p_any = generator.random(60)
    labels = np.zeros((60, 6))
    labels[p_any > 0.6, 0] = labels[p_any > 0.6, 5] = 1
    features = generator.normal(0, 1, (60, 8)).astype(np.float32)
    validation = Predictions(
        "binary",
        np.column_stack([1 - p_any, p_any]),
        labels,
        details={"study": tuple(f"{k // 4}" for k in range(60))},
        distances=generator.random(60),
    )
    limits = tuple(fit_limits(validation, level) for level in LEVELS)
    return Uncertainty("binary", limits, fit_gaussian(features), VIEW)


def test_what_is_written_is_read(checkpoint, uncertainty):
    path = write_uncertainty(checkpoint, uncertainty)
    assert path == uncertainty_path(checkpoint) and path.name == "model.uncertainty.npz"
    assert [each.name for each in path.parent.iterdir() if each != checkpoint] == [path.name]
    found = read_uncertainty(checkpoint, "binary", VIEW)
    np.testing.assert_equal(found.limits, uncertainty.limits)
    for mine, theirs in zip(found.gaussian, uncertainty.gaussian, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert found.at(0.9).level == 0.9
    assert math.isnan(found.at(0.9).classes), "the task has no classes beyond any"


def test_a_checkpoint_without_one(checkpoint):
    with pytest.raises(FileNotFoundError):
        read_uncertainty(checkpoint, "binary", VIEW)


def test_that_of_another_checkpoint_or_task_is_refused(checkpoint, uncertainty):
    write_uncertainty(checkpoint, uncertainty)
    with pytest.raises(InputError, match=r"model\.uncertainty\.npz is of another checkpoint or task.*again"):
        read_uncertainty(checkpoint, "subtype", VIEW)
    checkpoint.write_bytes(b"weights of a later training")
    with pytest.raises(InputError, match="of another checkpoint"):
        read_uncertainty(checkpoint, "binary", VIEW)


def test_that_of_another_view_is_refused_with_what_is_otherwise(checkpoint, uncertainty):
    write_uncertainty(checkpoint, uncertainty)
    for change, said in (
        ({"image_size": 224}, "image_size 32, not 224"),
        ({"mirrored": True}, "mirrored False, not True"),
    ):
        found, why = find_uncertainty(checkpoint, "binary", replace(VIEW, **change))
        assert found is None and f"was fitted with {said}; use that, or remove it, or evaluate" in why
    assert read_uncertainty(checkpoint, "binary", None).view == VIEW, "whichever it is"


@pytest.mark.parametrize("content", ["text", "array", "pickle", "cut"])
def test_a_file_that_is_none_is_refused(checkpoint, uncertainty, content):
    path = write_uncertainty(checkpoint, uncertainty)
    if content == "text":
        path.write_text("nothing")
    elif content == "array":
        np.savez(path, task="binary")
    elif content == "pickle":
        np.savez(path, **{name: np.array([{}], dtype=object) for name in ("task", "checkpoint")})
    else:
        path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InputError, match="no uncertainty file of a checkpoint; remove it"):
        read_uncertainty(checkpoint, "binary", VIEW)
