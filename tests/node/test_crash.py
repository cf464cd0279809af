"""A node that is killed is a node that was slow: see `benchmarks.node_crash`, of which this is a small run."""

from benchmarks.node_crash import STORESCU, run
from tests.node.orthanc import needs_orthanc
from tests.node.own_network import in_own_network, skip


@needs_orthanc
@in_own_network
def test_each_study_is_answered_once_whenever_the_node_is_killed(tmp_path):
    if STORESCU is None:
        skip("no storescu on this machine: apt-get install dcmtk")
    outcome = run(tmp_path, studies=8, slices=3, kills=4, seed=0, quiet=4)
    assert outcome.problems == []
    assert outcome.exact + outcome.parts == 8
