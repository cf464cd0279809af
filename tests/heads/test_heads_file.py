import json
from dataclasses import replace

import pytest

from bundle.errors import InputError
from bundle.heads import HeadCalibration, Heads, heads_path, read_heads, write_heads

HEADS = Heads("binary", 4.0, HeadCalibration(1.5, 0.25, 0.3, 0.2, 30, 25), None)


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "model.pt"
    path.write_bytes(b"weights")
    return path


def test_what_is_written_is_read(checkpoint):
    assert write_heads(checkpoint, HEADS) == heads_path(checkpoint) == checkpoint.with_name("model.heads.json")
    assert read_heads(checkpoint, "binary", 4.0) == HEADS
    assert read_heads(checkpoint, "binary", 4.0).of(placed=True) == HEADS.placed
    assert read_heads(checkpoint, "binary", 4.0).of(placed=False) is None


def test_a_checkpoint_may_have_none(checkpoint):
    with pytest.raises(FileNotFoundError):
        read_heads(checkpoint, "binary", 4.0)


def test_those_of_another_checkpoint_task_smoothing_or_rule_are_refused(checkpoint):
    path = write_heads(checkpoint, HEADS)
    with pytest.raises(InputError, match="another checkpoint, task or rule"):
        read_heads(checkpoint, "subtype", 4.0)
    with pytest.raises(InputError, match="slice_smoothing of 4 mm, not 0 mm"):
        read_heads(checkpoint, "binary", 0.0)
    checkpoint.write_bytes(b"other weights")
    with pytest.raises(InputError, match="another checkpoint, task or rule"):
        read_heads(checkpoint, "binary", 4.0)
    write_heads(checkpoint, HEADS)
    path.write_text(json.dumps({**json.loads(path.read_text()), "peak_sigma": 5}))
    with pytest.raises(InputError, match="another checkpoint, task or rule"):
        read_heads(checkpoint, "binary", 4.0)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"checkpoint": 1, "peak_sigma": 4}', "\x80"])
def test_a_broken_file_is_one_sentence(checkpoint, text):
    heads_path(checkpoint).write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match="is no file of the calibrations of heads; remove it"):
        read_heads(checkpoint, "binary", 4.0)


def test_both_calibrations_may_be_missing(checkpoint):
    write_heads(checkpoint, replace(HEADS, placed=None))
    assert read_heads(checkpoint, "binary", 4.0).placed is None
