"""Storage commitment: a study is answered when the PACS has said that it keeps its results."""

import threading
import time

import pytest
from pydicom import Dataset
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import StorageCommitmentPushModel, StorageCommitmentPushModelInstance

from bundle.errors import InputError
from bundle.node import read_config
from tests.node.conftest import RESULTS, Pacs, send, states, wait_for
from tests.node.test_answers import answered


class Committing(Pacs):
    """Reports in an association of its own to a node that asked.

    Attributes:
        port_of_node: where it reports to; it is silent while this is None.
        lost: SOP classes of objects that it does not keep.
        asked: UIDs that it was asked about, of each request.
    """

    def __init__(self) -> None:
        super().__init__()
        self.port_of_node = None
        self.lost = set()
        self.asked = []

    def start(self, **options) -> None:
        entity = AE("PACS")
        for each in RESULTS:
            entity.add_supported_context(each)
        entity.add_supported_context(StorageCommitmentPushModel)
        handlers = [(evt.EVT_C_STORE, self._store), (evt.EVT_N_ACTION, self._action)]
        self._server = entity.start_server(("127.0.0.1", self.port), block=False, evt_handlers=handlers)
        self.port = self._server.server_address[1]

    def _action(self, event):
        asked = event.action_information
        self.asked.append([str(item.ReferencedSOPInstanceUID) for item in asked.ReferencedSOPSequence])
        if self.port_of_node:
            threading.Thread(target=self.report, args=(asked,)).start()
        return 0, None

    def report(self, asked, calling="PACS") -> int | None:
        entity = AE(calling)
        entity.add_requested_context(StorageCommitmentPushModel)
        association = entity.associate(
            "127.0.0.1", self.port_of_node, ae_title="BRAIN_CT_AI",
            ext_neg=[build_role(StorageCommitmentPushModel, scp_role=True)],
        )  # fmt: skip
        if not association.is_established:  # the node has ended while it asked again
            return None
        said = Dataset()
        said.TransactionUID = asked.TransactionUID
        lost = [item for item in asked.ReferencedSOPSequence if item.ReferencedSOPClassUID in self.lost]
        said.ReferencedSOPSequence = [item for item in asked.ReferencedSOPSequence if item not in lost]
        if lost:
            for item in lost:
                item.FailureReason = 0x0110
            said.FailedSOPSequence = lost
        status, _ = association.send_n_event_report(
            said, 2 if lost else 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
        )
        association.release()
        return status.Status


@pytest.fixture
def pacs():
    pacs = Committing()
    pacs.start()
    yield pacs
    pacs.stop()


@pytest.fixture
def committing(settings):
    settings["receive"]["peers"].append({"ae_title": "PACS", "addresses": ["127.0.0.1"]})
    settings["destinations"][0]["commitment"] = True
    settings["send"]["commitment_s"] = 0.5
    return settings


def test_a_study_is_answered_when_its_results_are_committed(committing, running, pacs, study):
    with running() as node:
        send(node, study())
        wait_for(lambda: len(pacs.asked) > 1)
        assert states(node) == ["inferred"], "what was taken is not yet what is kept"
        assert sorted(pacs.asked[0]) == sorted(pacs.objects)
        pacs.port_of_node = node.receiver.port
        wait_for(answered(node))
        assert len(pacs.order) == 3


def test_what_is_not_kept_is_sent_again(committing, running, pacs, study):
    with running() as node:
        pacs.port_of_node, pacs.lost = node.receiver.port, {RESULTS[0]}
        send(node, study())
        wait_for(lambda: len(pacs.order) > 3)
        assert pacs.objects[pacs.order[-1]].Modality == "SR"
        time.sleep(1)
        assert len(pacs.order) < 10, "and not at once, for ever"
        pacs.lost = set()
        wait_for(answered(node))


def test_the_report_of_another_peer_commits_nothing(committing, running, pacs, study):
    committing["send"]["commitment_s"] = 600
    with running() as node:
        send(node, study())
        wait_for(lambda: pacs.asked)
        asked = Dataset()
        asked.TransactionUID, asked.ReferencedSOPSequence = "1.2", []
        for uid in pacs.objects:
            item = Dataset()
            item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = pacs.objects[uid].SOPClassUID, uid
            asked.ReferencedSOPSequence.append(item)
        pacs.port_of_node = node.receiver.port
        assert pacs.report(asked, "CT") == 0
        time.sleep(0.5)
        assert states(node) == ["inferred"]
        assert pacs.report(asked) == 0
        wait_for(answered(node))


def test_a_node_that_was_ended_asks_again(committing, running, pacs, study):
    committing["send"]["commitment_s"] = 600
    with running() as node:
        send(node, study())
        wait_for(lambda: pacs.asked)
    with running() as node:
        pacs.port_of_node = node.receiver.port
        wait_for(answered(node))
    assert len(pacs.order) == 3


def test_a_pacs_that_never_commits_is_given_up(committing, running, pacs, study):
    committing["send"].update(give_up_h=1 / 3600, commitment_s=0.3)
    with running() as node:
        send(node, study())
        wait_for(lambda: states(node) == ["set aside"])


def test_commitment_needs_a_peer(settings, config_file):
    settings["destinations"][0]["commitment"] = True
    with pytest.raises(InputError, match="the destination pacs is asked for commitment, and its AE title is no peer's"):
        read_config(config_file())
