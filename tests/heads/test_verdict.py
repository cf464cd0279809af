import itertools

import pytest

from bundle.heads import Action, decide


@pytest.mark.parametrize(
    ("called", "excluded", "doubts", "unknown"),
    itertools.product((False, True), (False, True), ((), ("contrast",)), ("", "MR")),
)
def test_what_is_done_with_a_head(called, excluded, doubts, unknown):
    action, reasons = verdict = decide(called, excluded, doubts, unknown)
    if unknown:
        assert action is Action.READ_SOON and reasons[0] == unknown
    elif called:
        assert action is Action.READ_FIRST
    else:
        assert (action is Action.ROUTINE) is (excluded and not doubts)
    assert (not reasons) is (not verdict.refer) is (action is Action.ROUTINE)
    assert set(doubts) <= set(reasons)


def test_the_actions_are_in_the_order_of_the_worklist():
    assert list(Action) == ["read first", "read soon", "routine"]
