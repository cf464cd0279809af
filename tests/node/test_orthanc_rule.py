"""The rule of the guide to Orthanc: it forwards CT, and nothing else, to the node."""

import io
import json
import re

from pydicom import dcmread

from bundle.phantom import Conformant
from tests.node.orthanc import needs_orthanc, orthanc
from tests.node.own_network import in_own_network
from tests.node.process import AE_TITLE, PORT, NodeProcess, make_settings, wait_for
from tests.node.test_pacs import ANSWER


def block(root, language):
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", (root / "docs" / "orthanc.md").read_text(), re.M | re.S)
    return found


@needs_orthanc
@in_own_network
def test_ct_is_forwarded_and_answered_once_and_answers_are_not_forwarded(root, tmp_path, study):
    modalities = {
        name: (title, port) for name, (title, _, port) in json.loads(block(root, "json"))["DicomModalities"].items()
    }
    assert modalities == {"brain-ct": (AE_TITLE, PORT)}
    slices = study(7, kind=Conformant())
    with orthanc(tmp_path / "pacs", modalities, block(root, "lua")) as pacs:
        node = NodeProcess(make_settings(tmp_path), tmp_path)
        node.start()
        pacs.upload(slices)
        wait_for(lambda: pacs.count() == {"CT": len(slices), **ANSWER}, what="answered")
        wait_for(lambda: all(each["IsStable"] for each in pacs.ask("/series?expand")), what="stable")
        assert pacs.count() == {"CT": len(slices), **ANSWER}
        assert node.jobs() == {"answered": 1}
        assert "brain_node_ignored_total{" not in node.metrics(), "no answer was sent back to the node"
        (report,) = (each for each in pacs.instances() if each["Modality"] == "SR")
        assert dcmread(io.BytesIO(pacs.file(report["ID"]))).StudyInstanceUID == slices[0].StudyInstanceUID
        assert node.end() == 0
