"""The PACS of the tests itself: on its own network, and with DICOMweb."""

import json
import socket
import urllib.request

from tests.node.orthanc import DICOM_PORT, DICOMWEB, needs_orthanc, orthanc
from tests.node.own_network import in_own_network


@needs_orthanc
@in_own_network
def test_it_starts_empty_and_cannot_be_reached_from_elsewhere(tmp_path):
    assert [name for _, name in socket.if_nameindex()] == ["lo"]
    with orthanc(tmp_path) as pacs:
        assert pacs.ask("/system")["DicomAet"] == "ORTHANC"
        assert pacs.instances() == []
        assert json.loads(urllib.request.urlopen(f"{DICOMWEB}/studies").read() or b"[]") == []
        socket.create_connection(("127.0.0.1", DICOM_PORT)).close()
