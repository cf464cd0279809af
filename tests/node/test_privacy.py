"""Nothing that names a person, or leads to one, is where it does not belong."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.node.conftest import associate, send, states, wait_for
from tests.node.test_answers import answered
from tests.node.test_crashes import process, send_until_refused
from tests.node.test_http import get, token

__all__ = ["process", "token"]

pytestmark = pytest.mark.filterwarnings("ignore:Invalid value for VR")

SECRETS = {
    "PatientName": "Xyqqor^Wjazzelbrink",
    "PatientID": "QX77KJ31ZZ",
    "AccessionNumber": "ACXQ90871",
    "StudyDate": "19471103",
    "PatientBirthDate": "19130229",
    "StudyDescription": "Qwyzzhead",
    "SeriesDescription": "Zzonkkernel",
    "ReferringPhysicianName": "Drxx^Qumbolt",
}


@pytest.fixture
def secret(study):
    """A study with words that no dictionary has; and the words and UIDs themselves."""

    def make(number):
        slices = study(number)
        for dataset in slices:
            for keyword, value in SECRETS.items():
                setattr(dataset, keyword, value)
        words = [part for value in SECRETS.values() for part in value.split("^")]
        uids = {str(dataset[name].value) for dataset in slices for name in
                ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")}  # fmt: skip
        return slices, [*words, *uids]

    return make


def found(text, words):
    return [word for word in words if word in text]


def test_no_secret_is_in_a_log_a_metric_a_page_a_file_name_or_a_process(
    process, secret, settings, token, pacs, mode, tmp_path, monkeypatch
):
    import tempfile

    settings["destinations"].append({"name": "down", "ae_title": "DOWN", "host": "127.0.0.1", "port": 1})
    settings["http"]["port"] = 0
    node, port = process()
    lines = [node.stderr.readline() for _ in range(3)]
    web = int(next(line for line in lines if "http://" in line).rpartition(":")[2].split("/")[0])
    # Others may have files of the same phantoms on this machine.
    (slices, words), (others, more) = secret(f"{os.getpid()}a"), secret(f"{os.getpid()}b")
    words += more
    assert len(send_until_refused(port, slices)) == len(slices)
    wait_for(lambda: len(pacs.objects) == 3)
    mode(does="die", seconds=1)
    broken = others[0]
    broken.SeriesInstanceUID = "1.2.three"
    others[1].PatientComments = "another"
    send_until_refused(port, others)
    shown = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    assert "stand_in_worker" in shown
    wait_for(lambda: (Path(settings["spool"]) / "aside" / "2" / "reason.json").exists())
    said = (Path(settings["spool"]) / "aside" / "2" / "reason.json").read_text()

    class Web:
        class http:
            port = web

    pages = "".join(get(Web, path)[1] for path in ("/healthz", "/readyz", "/metrics", "/other", "/priority"))
    names = "\n".join(str(path) for place in (settings["spool"], tempfile.gettempdir()) for path in _names(place))
    node.terminate()
    assert node.wait(15) == 0
    log = "".join(lines) + node.stderr.read()
    assert "job 1 (study " in log and "refused from CT" in log, log
    for place, text in {"log": log, "pages": pages, "names": names, "processes": shown, "reason": said}.items():
        assert found(text, words) == [], place
    assert found(json.dumps([str(each) for each in slices]), words) != [], "the words are where they belong"


def _names(folder):
    for path in Path(folder).iterdir():
        yield path
        if path.is_dir() and not path.is_symlink() and path.owner() and "pytest-of" not in path.name:
            yield from _names(path)


def test_warnings_of_libraries_are_not_written(running, secret, capfd):
    """pydicom names the value that it finds odd; pynetdicom and urllib3 name UIDs and addresses."""
    import logging

    from bundle.node.log import start_log

    with running() as node:
        start_log()
        slices, words = secret(1)
        for dataset in slices:
            dataset.add_new("PatientAge", "AS", "Wjazzelbrink")
        send(node, slices)
        associate(node, calling="OTHER")
        wait_for(answered(node))
        for name in ("pydicom", "pynetdicom", "urllib3.connectionpool", "dicomweb_client"):
            logging.getLogger(name).error("%s of %s", name, words)
        assert states(node) == ["answered"]
    written = "".join(capfd.readouterr())
    assert "rejected an association" in written
    assert found(written, [*words, "pynetdicom"]) == []


def test_the_names_of_studies_in_the_log_differ_from_spool_to_spool(tmp_path):
    from bundle.node.log import Pseudonyms

    one, other = Pseudonyms("salt"), Pseudonyms("pepper")
    assert one("key") == one("key") != other("key")
    assert one("key") != one("another")
