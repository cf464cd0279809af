import numpy as np
import pytest

from bundle.gate import Candidate, choose, choose_series, why_not

HEAD = (0.0, 150.0)
SOFT = Candidate("soft", 31, 5, extent=HEAD)
BONE = Candidate("bone", 151, 1, caution=True, extent=HEAD)


def test_a_plain_series_comes_before_a_thin_one_with_something_against_it():
    assert choose([BONE, SOFT]) == 1
    assert choose_series([BONE, SOFT]) == {0: "it is less plain than soft (31 slices of 5 mm), which was chosen"}


def test_the_thin_one_of_two_plain_series_is_read():
    thin = Candidate("thin", 151, 1, extent=HEAD)
    assert choose_series([SOFT, thin]) == {0: "it is thicker than thin (151 slices of 1 mm), which was chosen"}
    assert why_not(Candidate("again", 31, 5), SOFT) == (
        "it is as thin, but no larger than soft (31 slices of 5 mm), which was chosen"
    )


def test_a_slab_does_not_stand_for_the_head_nor_half_a_head_for_the_other():
    slab = Candidate("slab", 40, 1, extent=(20.0, 60.0))
    assert choose_series([slab, SOFT]) == {0: "it is not whole, unlike soft (31 slices of 5 mm), which was chosen"}
    base, vertex = Candidate("base", 20, 3, extent=(0.0, 57.0)), Candidate("vertex", 18, 5, extent=(60.0, 145.0))
    assert choose_series([base, vertex]) == {}


@pytest.mark.parametrize("extent", [(0.0, 155.1), (-5.1, 150.0)])
def test_a_plain_series_that_reaches_further_is_read_as_well(extent):
    thin = Candidate("thin", 151, 1, extent=HEAD)
    assert choose_series([thin, Candidate("longer", 32, 5, extent=extent)]) == {}
    nearly = tuple(np.clip(extent, -5, 155))
    assert choose_series([thin, Candidate("as long", 32, 5, extent=nearly)]).keys() == {1}


def test_a_bone_series_to_the_jaw_does_not_put_the_plain_head_in_doubt():
    assert choose_series([SOFT, BONE._replace(extent=(-20.0, 150.0))]).keys() == {1}
    contrast = BONE._replace(name="contrast", thickness=5)
    assert choose_series([BONE, contrast._replace(extent=(-20.0, 150.0))]) == {}, "both with a caution"


def test_a_thickness_that_nothing_says_is_not_named():
    unknown = SOFT._replace(name="unknown", thickness=float("inf"))
    reason = "it is as thin, but no larger than unknown (31 slices), which was chosen"
    assert choose_series([unknown, unknown._replace(slices=30)]) == {1: reason}


def test_what_has_no_position_is_never_left_out_for_another():
    assert choose_series([SOFT, Candidate("a", 20, 5), Candidate("b", 20, 5)]) == {}
