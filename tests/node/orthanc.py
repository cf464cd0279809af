"""Debian's Orthanc with its DICOMweb plugin, as the PACS of a test; run it in `tests.node.own_network`."""

import io
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset

from tests.node.own_network import die_with_parent

APT = "apt-get install orthanc orthanc-dicomweb"
AE_TITLE, DICOM_PORT, HTTP_PORT = "ORTHANC", 4242, 8042
DICOMWEB = f"http://127.0.0.1:{HTTP_PORT}/dicom-web"
PATIENCE = 60
"""Seconds after which a test gives up."""

ORTHANC = shutil.which("Orthanc") or shutil.which("Orthanc", path="/usr/sbin")
PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
_MISSING = [name for name, there in (("Orthanc", ORTHANC), (str(PLUGIN), PLUGIN.is_file())) if not there]

# CI installs it, so that a test that skips there is a test that was lost.
needs_orthanc = pytest.mark.skipif(
    bool(_MISSING) and not os.environ.get("REQUIRE_ORTHANC"),
    reason=f"no {', '.join(_MISSING)} on this machine: {APT}",
)


class Pacs:
    """A running Orthanc, asked over its REST API (https://orthanc.uclouvain.be/book/users/rest.html).

    Args:
        log: what it prints.
    """

    def __init__(self, log: Path) -> None:
        self.log = log

    def ask(self, path: str, content: Any = None, method: str | None = None) -> Any:
        """Return the JSON that an address answers; `content` is posted to it."""
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{HTTP_PORT}{path}", body, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read() or b"null")

    def instances(self, study: str | None = None) -> list[dict[str, str]]:
        """Return what is filed of a study, or of all: SOP instance, series and study UID, modality and description."""
        wanted = {"StudyInstanceUID": study} if study else {}
        tags = ["SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "Modality", "SeriesNumber", "InstanceNumber"]
        query = {"Level": "Instance", "Query": wanted, "Expand": True, "RequestedTags": tags}
        found = []
        for each in self.ask("/tools/find", query):
            values = self.ask(f"/instances/{each['ID']}/simplified-tags")
            found.append({"ID": each["ID"], **{tag: values.get(tag, "") for tag in tags}})
        return found

    def count(self, study: str | None = None) -> dict[str, int]:
        """Return how many instances of each modality are filed of a study, or of all."""
        modalities = [each["Modality"] for each in self.instances(study)]
        return {name: modalities.count(name) for name in sorted(set(modalities))}

    def file(self, instance: str) -> bytes:
        """Return the DICOM file of an instance by Orthanc's own ID."""
        address = f"http://127.0.0.1:{HTTP_PORT}/instances/{instance}/file"
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return answer.read()

    def upload(self, datasets: Iterable[Dataset]) -> None:
        """File objects as if they had been sent."""
        for each in datasets:
            file = io.BytesIO()
            each.save_as(file, enforce_file_format=True)
            request = urllib.request.Request(f"http://127.0.0.1:{HTTP_PORT}/instances", file.getvalue())
            urllib.request.urlopen(request, timeout=PATIENCE).close()


@contextmanager
def orthanc(
    folder: Path,
    modalities: Mapping[str, tuple[str, int]] | None = None,
    lua: str = "",
    closed: bool = False,
    tls: Mapping[str, str] | None = None,
) -> Iterator[Pacs]:
    """Yield an Orthanc that accepts whatever is sent to it.

    Args:
        folder: for its files; what it stored there before, it still has.
        modalities: to which it can send: AE title and port by name.
        lua: a script that it runs (https://orthanc.uclouvain.be/book/users/lua.html).
        closed: whether it accepts nothing from AE titles that it does not know.
        tls: its certificate, key and ca, files; it then speaks DICOM over TLS alone, with certificates of both sides.
    """
    assert ORTHANC, "REQUIRE_ORTHANC is set, and there is no Orthanc on this machine"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.lua").write_text(lua)
    settings = {
        "Name": "test", "StorageDirectory": str(folder / "storage"), "IndexDirectory": str(folder / "storage"),
        "HttpPort": HTTP_PORT, "RemoteAccessAllowed": False, "AuthenticationEnabled": False,
        "DicomAet": AE_TITLE, "DicomPort": DICOM_PORT, "StableAge": 2,
        "DicomAlwaysAllowStore": not closed, "DicomAlwaysAllowEcho": not closed,
        "UnknownSopClassAccepted": True, "StorageCommitmentReportsSize": 10,
        "DicomModalities": {name: [title, "127.0.0.1", port] for name, (title, port) in (modalities or {}).items()},
        "Plugins": [str(PLUGIN)], "DicomWeb": {"Enable": True},
        "LuaScripts": [str(folder / "rules.lua")] if lua else [],
    }  # fmt: skip
    if tls:
        settings["DicomModalities"] = {
            name: {"AET": title, "Host": "127.0.0.1", "Port": port, "UseDicomTls": True}
            for name, (title, port) in (modalities or {}).items()
        }
        settings |= {
            "DicomTlsEnabled": True, "DicomTlsRemoteCertificateRequired": True,
            "DicomTlsCertificate": tls["certificate"], "DicomTlsPrivateKey": tls["key"],
            "DicomTlsTrustedCertificates": tls["ca"],
        }  # fmt: skip
    (folder / "orthanc.json").write_text(json.dumps(settings, indent=2))
    log = folder / "orthanc.log"
    with log.open("a") as file:
        process = subprocess.Popen(
            [ORTHANC, str(folder / "orthanc.json")], stdout=file, stderr=file, preexec_fn=die_with_parent
        )
    pacs = Pacs(log)
    try:
        _wait_for(pacs, process)
        yield pacs
    finally:
        process.terminate()
        process.wait()


def _wait_for(pacs: Pacs, process: subprocess.Popen) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            pacs.ask("/system")
            return
        except OSError:
            running = process.poll() is None
            assert running and time.monotonic() < end, f"Orthanc did not start:\n{pacs.log.read_text()[-2000:]}"
            time.sleep(0.05)
