"""The worker that scores with exported files: ``python -m bundle.node.inference``."""

import logging
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pydicom

from bundle.datalist.build import bundle_version
from bundle.dicom_results import Document, Earlier
from bundle.dicom_results.finding import SUSPECTED, action_after
from bundle.dicom_results.identity import digest
from bundle.errors import InputError
from bundle.files import file_sha256
from bundle.heads import Action
from bundle.node.worker import Scorer, serve_requests
from bundle.readers.dicom_values import quiet_pydicom
from bundle.results import Inference, InferenceSettings
from bundle.results.records import P_ANY, Record, series_of
from bundle.runtime import Runtime
from bundle.runtime.export_file import NAME

_SEVERAL_PATIENTS = "its objects name several patients, so that no answer could be filed; correct their PatientID"


class Scored:
    """Scores a study and writes its DICOM objects.

    Args:
        inference: opened once.
    """

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def __call__(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what is said of a study.

        That is either ``{"error"}``, a sentence why it cannot be scored, or ``{"inputs", "said", "action", "p_any",
        "reason", "objects"}``: SOP Instance UIDs of the slices that the objects are about, action and reasons of each
        series of them whatever was said before, the verdict on the study, and ``{"file", "uid", "series"}`` of each
        object. One that holds no head has no objects, and the action is empty. A series of which there can be no
        objects counts in the verdict all the same, *read soon* at least then.

        Args:
            request: ``{"files", "folder", "lacking", "earlier_number", "earlier_action", "earlier_reports"}``: DICOM
                files, where objects go, clauses about what of the study is not among the files, so that none of its
                series is routine, and what was said of it before.

        Raises:
            InputError: when it holds no image at all, or the disk takes no objects.
        """
        if len(_patients(request["files"])) > 1:
            return {"error": _SEVERAL_PATIENTS}
        folder, earlier, lacking = Path(request["folder"]), earlier_of(request), request["lacking"]
        with tempfile.TemporaryDirectory(dir=folder) as tables:
            records = self._inference(request["files"], tables, folder, earlier, lacking).records
        answered = [each for each in records.series if each["dicom_results"]]
        if not answered:
            reasons = [each["no_dicom_results"] for each in records.series] + [
                each["reason"] for each in records.failed
            ]
            if reasons:
                return {"error": f"it cannot be answered: {reasons[0]}"}
            left_out = sorted({each["reason"] for each in records.left_out})
            reason = "; ".join([*left_out, *lacking])
            return {"inputs": [], "said": [], "action": "", "p_any": None, "reason": reason, "objects": []}
        names = {series_of(each) for each in answered}
        return {
            "inputs": sorted(each["sop"] for each in records.slices if series_of(each) in names),
            "said": sorted([each["action"], each["refer_reason"]] for each in answered),
            **study_verdict(records.series, earlier),
            "objects": [_object(folder / file) for each in answered for file in each["dicom_results"].split("|")],
        }


def open_scorer(setup: Mapping[str, Any]) -> tuple[Mapping[str, Any], Scorer]:
    """Return what scores, for the node, and the scorer.

    Args:
        setup: ``{"export", "runtime", "threads", "station"}``.

    Raises:
        InputError: see `bundle.runtime.Runtime`; when the exported files are replaced meanwhile.
    """
    logging.disable()  # what is logged names files and goes nowhere
    runtime = Runtime(setup["export"], setup["runtime"], threads=setup["threads"])
    inference = Inference(runtime, InferenceSettings(page_heads=0, station=setup["station"]))
    # Before the digest: what lies beside a file with the digest of the one that was opened belongs to it.
    heads, model = repr(inference.model.heads), inference.model.sha256
    if model != runtime.export.files[runtime.file.name]["sha256"]:
        raise InputError("was replaced while it was opened", "wait until the export has ended", runtime.file)
    parts = bundle_version(), file_sha256(Path(setup["export"]) / NAME), runtime.name, model, heads
    return {"runtime": runtime.name, "model": digest(*parts, setup["station"])}, Scored(inference)


def earlier_of(request: Mapping[str, Any]) -> Earlier:
    """Return what a request says of earlier answers."""
    action = Action(request["earlier_action"]) if request["earlier_action"] else None
    return Earlier(request["earlier_number"], action, [Document(**each) for each in request["earlier_reports"]])


def study_verdict(series: Sequence[Record], earlier: Earlier) -> dict[str, Any]:
    """Return the verdict on a study, ``{"action", "p_any", "reason"}``: that on the series which is to be read first.

    Args:
        series: records of all that was scored; where one has no DICOM results, the study is *read soon* at least.
        earlier: answers about the study, which take nothing back.
    """
    order = list(Action)
    first = min(series, key=lambda each: (order.index(Action(each["action"])), -(each.get(P_ANY) or 0)))
    action = action_after(Action(first["action"]), earlier.action)
    reasons = [first["refer_reason"], SUSPECTED if action != first["action"] else ""]
    for each in series:
        if each["no_dicom_results"]:
            action = min(action, Action.READ_SOON, key=order.index)
            reasons.append(f"a series has no results: {each['no_dicom_results']}")
    return {"action": str(action), "p_any": first.get(P_ANY), "reason": "; ".join(filter(None, reasons))}


def _patients(files: Sequence[str]) -> set[str]:
    """Return the identifiers of the patients of DICOM files; one that names none, or cannot be read, says nothing."""
    found = set()
    with quiet_pydicom():
        for file in files:
            with suppress(Exception):  # a damaged header makes pydicom's parser fail in any way
                header = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=["PatientID"])
                found.add(str(header.get("PatientID") or "").strip())
    return found - {""}


def _object(path: Path) -> dict[str, str]:
    with quiet_pydicom():
        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["SOPInstanceUID", "SeriesInstanceUID"])
    return {"file": path.name, "uid": str(header.SOPInstanceUID), "series": str(header.SeriesInstanceUID)}


if __name__ == "__main__":
    serve_requests(open_scorer)
