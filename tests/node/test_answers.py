"""From the slices that a sender sends to the objects that a PACS gets."""

from tests.node.conftest import send, states, wait_for


def test_a_study_is_answered_with_a_report_a_capture_and_key_objects(node, pacs, study):
    assert send(node, study()) == [0] * 4
    wait_for(lambda: states(node) == ["answered"])
    assert pacs.kinds() == ["KO", "OT", "SR"]
    assert pacs.associations == 1
