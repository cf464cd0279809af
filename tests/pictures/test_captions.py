import numpy as np
import pytest

from bundle.pictures import NOT_FOR_DIAGNOSIS, Captions, draw_captions, draw_legend, slice_captions

RECORD = {"position": -12.345, "p_any": 0.874, "p_subdural": 0.806, "p_epidural": 0.021}


def test_the_captions_say_place_finding_and_sides():
    captions = slice_captions(RECORD, ("R", "L"), 12, 30)
    place = "slice 12 of 30 · counted from the base · -12.3 mm"
    assert captions == Captions(("R", "L"), place, "this slice: P(any) 0.87 · subdural 0.81")


@pytest.mark.parametrize("position", [None, ""])
def test_what_is_not_known_is_not_written(position):
    captions = slice_captions({"position": position, "p_any": 0.5}, None, 1, 1)
    assert captions == Captions(None, "one slice", "this slice: P(any) 0.50")


@pytest.mark.parametrize("shape", [(512, 512), (256, 256), (40, 60)])
@pytest.mark.parametrize("background", [0, 255])
def test_captions_are_drawn_at_the_edges_and_can_be_read_over_bone(shape, background):
    picture = np.full((*shape, 3), background, np.uint8)
    drawn = draw_captions(picture, slice_captions(RECORD, ("R", "L"), 12, 30))
    assert drawn.shape == picture.shape and drawn.dtype == np.uint8
    assert (picture == background).all(), "the picture that was given stays as it is"
    marked = (drawn != background).any(-1)
    height, width = shape
    third = slice(height // 3, -(height // 3))
    assert marked[third, : width // 8].any() and marked[third, -width // 8 :].any(), "the sides"
    if height > 100:
        assert not marked[third, width // 3 : -width // 3].any(), "the middle of the picture stays free"
        assert np.ptp(drawn) > 200, "white with a dark outline"
    top, bottom = marked[: height // 3], marked[-height // 3 :]
    assert top[:, : width // 2].any() and top[:, width // 2 :].any() and bottom[:, : width // 2].any()


VERDICT = [
    "the head: read soon, undetermined, P(any) 0.31",
    "not a whole head; 3 of its slices could not be scored " * 9,
]


@pytest.mark.parametrize("shape", [(512, 512), (512, 300), (64, 64), (40, 60), (64, 20)])
def test_the_verdict_on_the_head_stands_within_the_frame_below_that_on_the_slice(shape):
    height = shape[0]
    black, captions = np.zeros((*shape, 3), np.uint8), slice_captions(RECORD, None, 1, 2)
    without, marked = draw_captions(black, captions), draw_captions(black, captions._replace(verdict=VERDICT))
    seen = (marked != without).any(-1)
    assert seen[-height // 4 :].any() and not seen[: height // 3].any(), "at the lower edge"
    if height > 100:
        assert not marked[:, -1].any() and not marked[-1].any(), "nothing is cut off"
        one = draw_captions(black, captions._replace(verdict=VERDICT[:1]))
        assert 1.2 * one[height // 2 :].any(-1).any(-1).sum() < marked[height // 2 :].any(-1).any(-1).sum()


def test_unknown_sides_are_said_to_be():
    black = np.zeros((256, 256, 3), np.uint8)
    known = draw_captions(black, slice_captions(RECORD, ("R", "L"), 1, 2))
    unknown = draw_captions(black, slice_captions(RECORD, None, 1, 2))
    assert not unknown[100:156].any() and unknown[200:, 128:].any() and not known[200:, 160:].any()


def test_the_legend_shows_the_colours_of_a_heat_map_under_the_note():
    black = np.zeros((480, 480, 3), np.uint8)
    captioned = draw_captions(black, slice_captions(RECORD, ("R", "L"), 1, 2), NOT_FOR_DIAGNOSIS)
    with_legend = draw_legend(captioned)
    changed = (with_legend != captioned).any(-1)
    rows, columns = np.nonzero(changed)
    assert rows.min() > 20 and rows.max() < 70 and columns.min() > 300, "in the upper right corner, below the note"
    bar = with_legend[40, columns.min() :][:120].astype(int)
    assert (np.diff(bar.sum(-1)) >= -6).all() and bar.sum(-1)[-10] > bar.sum(-1)[10] + 300, "from dark to bright"
    assert not (draw_captions(black, slice_captions(RECORD, None, 1, 2)) == captioned).all()
