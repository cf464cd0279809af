import json
from dataclasses import replace

import pytest

from bundle.errors import InputError
from bundle.heads import HeadCalibration, Heads, heads_path, read_heads, write_heads
from tests.predictions.views import VIEW

HEADS = Heads("binary", VIEW, HeadCalibration(1.5, 0.25, 0.3, 0.2, 30, 25), None)


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "model.pt"
    path.write_bytes(b"weights")
    return path


def test_what_is_written_is_read(checkpoint):
    assert write_heads(checkpoint, HEADS) == heads_path(checkpoint) == checkpoint.with_name("model.heads.json")
    assert read_heads(checkpoint, "binary", VIEW) == HEADS
    assert read_heads(checkpoint, "binary", VIEW).of(placed=True) == HEADS.placed
    assert read_heads(checkpoint, "binary", VIEW).of(placed=False) is None


def test_a_checkpoint_may_have_none(checkpoint):
    with pytest.raises(FileNotFoundError):
        read_heads(checkpoint, "binary", VIEW)


def test_those_of_another_checkpoint_task_view_or_rule_are_refused(checkpoint):
    path = write_heads(checkpoint, HEADS)
    with pytest.raises(InputError, match="another checkpoint, task or rule"):
        read_heads(checkpoint, "subtype", VIEW)
    for change, said in (
        ({"slice_smoothing": 0.0}, "slice_smoothing 4, not 0"),
        ({"mask": False}, "mask True, not False"),
    ):
        with pytest.raises(InputError, match=f"was fitted with {said}; use that, or evaluate model.pt on whole heads"):
            read_heads(checkpoint, "binary", replace(VIEW, **change))
    assert read_heads(checkpoint, "binary", None) == HEADS, "whichever it is"
    checkpoint.write_bytes(b"other weights")
    with pytest.raises(InputError, match="another checkpoint, task or rule"):
        read_heads(checkpoint, "binary", VIEW)
    write_heads(checkpoint, HEADS)
    path.write_text(json.dumps({**json.loads(path.read_text()), "peak_sigma": 5}))
    with pytest.raises(InputError, match="another checkpoint, task or rule"):
        read_heads(checkpoint, "binary", VIEW)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"checkpoint": 1, "peak_sigma": 4}', "\x80"])
def test_a_broken_file_is_one_sentence(checkpoint, text):
    heads_path(checkpoint).write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match="is no file of the calibrations of heads; remove it"):
        read_heads(checkpoint, "binary", VIEW)


def test_both_calibrations_may_be_missing(checkpoint):
    write_heads(checkpoint, replace(HEADS, placed=None))
    assert read_heads(checkpoint, "binary", VIEW).placed is None
