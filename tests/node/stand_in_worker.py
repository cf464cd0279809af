"""A worker that scores nothing: its answers are what a test wants, and so are its failures.

``mode.json`` in the folder of exported files says what it does with the next study; see `MODE`.
"""

import hashlib
import json
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pydicom
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from bundle.dicom_results.algorithm import MANUFACTURER, NAME
from bundle.dicom_results.identity import result_uid
from bundle.node.worker import serve_requests

MODE = {
    "action": "read first", "p_any": 0.91, "reason": "as a test wants it", "reads": None,
    "seconds": 0.0, "does": "answer", "opens": 0.0,
}  # fmt: skip
"""``does``: answer, die, hang, take all memory, "fail" with bad input, or find "nothing"; ``reads``: slices that it can
score, None for all."""
CLASSES = {
    "SR": "1.2.840.10008.5.1.4.1.1.88.34",
    "SC": "1.2.840.10008.5.1.4.1.1.7",
    "KO": "1.2.840.10008.5.1.4.1.1.88.59",
}
COPIED = ("PatientID", "PatientName", "StudyInstanceUID", "AccessionNumber", "SpecificCharacterSet", "StudyDate")


def open_scorer(setup):
    export = Path(setup["export"])
    time.sleep(read_mode(export)["opens"])
    model = export / "model"
    content = model.read_bytes() if model.is_file() else b"stand-in"
    about = {"runtime": "stand-in", "model": hashlib.sha256(content).hexdigest()}
    return about, lambda request: score(export, about["model"], request)


def read_mode(export):
    file = export / "mode.json"
    return {**MODE, **(json.loads(file.read_text()) if file.is_file() else {})}


def score(export, model, request):
    mode = read_mode(export)
    time.sleep(mode["seconds"])
    match mode["does"]:
        case "die":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "hang":
            time.sleep(3600)
        case "take all memory":
            sys.stdin.read_all = bytearray(1 << 40)
        case "fail":
            return {"error": "holds no image at all; send CT of the head"}
        case "full":
            raise OSError(28, "No space left on device")
    answer = {"action": mode["action"], "p_any": mode["p_any"]}
    answer["reason"] = "; ".join(filter(None, [mode["reason"], *request["lacking"]]))
    if mode["does"] == "nothing":
        return {**answer, "action": "", "p_any": None, "inputs": [], "said": [], "objects": []}
    request = {**request, "files": request["files"][: mode["reads"]]}
    said = [[answer["action"], answer["reason"]]]
    sources = [pydicom.dcmread(file) for file in request["files"]]
    inputs = [str(each.SOPInstanceUID) for each in sources]
    make = plain_objects if "plain" in sys.argv else real_objects
    objects = []
    for kind, dataset in make(sources, model, request, answer).items():
        file = f"{kind}_{dataset.SOPInstanceUID}.dcm"
        dataset.save_as(Path(request["folder"]) / file, enforce_file_format=True)
        uids = {"uid": dataset.SOPInstanceUID, "series": dataset.SeriesInstanceUID}
        objects.append({"kind": kind, "file": file, **uids})
    return {**answer, "inputs": inputs, "said": said, "objects": objects}


def plain_objects(sources, model, request, answer):
    """Objects of the right class, in the right study, with little else."""
    made = {}
    for kind, sop_class in CLASSES.items():
        dataset = Dataset()
        dataset.file_meta = pydicom.dataset.FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        for keyword in COPIED:
            if keyword in sources[0]:
                dataset.add(sources[0][keyword])
        inputs = sorted(str(each.SOPInstanceUID) for each in sources)
        dataset.SOPClassUID, dataset.Modality = sop_class, "OT" if kind == "SC" else kind
        dataset.SOPInstanceUID = result_uid(dataset.StudyInstanceUID, inputs, model, request["earlier_number"], kind)
        dataset.SeriesInstanceUID = result_uid(dataset.StudyInstanceUID, "series", kind)
        dataset.InstanceNumber = request["earlier_number"] + 1
        dataset.Manufacturer, dataset.ManufacturerModelName = MANUFACTURER, NAME
        dataset.SeriesDescription = f"{answer['action']} after {request['earlier_action'] or 'nothing'}"
        dataset.ContentDate = datetime.now(UTC).strftime("%Y%m%d")
        dataset.ContentTime = datetime.now(UTC).strftime("%H%M%S.%f")
        made[kind] = dataset
    return made


def real_objects(sources, model, request, answer):
    """The objects that the bundle makes, of an invented finding."""
    import numpy as np

    from bundle.dicom_results import Algorithm, Finding, Origin, make_objects, read_evidence
    from bundle.heads import Action
    from bundle.node.inference import earlier_of

    earlier = earlier_of(request)
    finding = Finding(Action(answer["action"]), {"any": answer["p_any"]}, answer["reason"]).after(earlier.action)
    answer["action"] = str(finding.action)
    origin = Origin(
        read_evidence(request["files"]), finding, Algorithm("0", model), datetime.now(UTC),
        earlier.number + 1, earlier,
    )  # fmt: skip
    picture = np.zeros((sources[0].Rows, sources[0].Columns, 3), np.uint8)
    return dict(zip(("SR", "SC", "KO"), make_objects(origin, 0, picture), strict=True))


if __name__ == "__main__":
    serve_requests(open_scorer)
