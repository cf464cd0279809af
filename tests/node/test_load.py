"""More studies at once than the node scores at once: see `benchmarks.node_load`, of which this is a small run."""

from benchmarks.node_load import run
from tests.node.orthanc import needs_orthanc
from tests.node.own_network import in_own_network


@needs_orthanc
@in_own_network
def test_all_are_answered_and_the_spool_does_not_hold_them_twice(tmp_path):
    outcome = run(tmp_path, None, studies=10, slices=4, size=128, associations=4)
    assert outcome.answered == 10
    assert 50 < max(outcome.memory) < 1200
    assert outcome.disk < 3, "small slices; results are as large as one of them"
