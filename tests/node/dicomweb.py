"""A small DICOMweb server for tests, with the faults that real ones have."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pydicom
from pydicom import Dataset


class Web:
    """Keeps objects; answers QIDO-RS, WADO-RS and STOW-RS.

    Attributes:
        objects: UID → data set.
        faults: names of what it does otherwise than it should.
        asked: paths that were asked for, with their queries.
    """

    def __init__(self) -> None:
        self.objects: dict[str, Dataset] = {}
        self.faults: set[str] = set()
        self.asked: list[str] = []
        self.stored: list[str] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                web.asked.append(self.path)
                if any(f"breaks {part}" in web.faults for part in self.path.split("/")):
                    self.close_connection = True
                    return
                self.answer(*web.get(*self.path.partition("?")[::2]))

            def do_POST(self) -> None:
                web.asked.append(self.path)
                content = self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(*web.post(content))

            def answer(self, status, kind, body) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/dicom-web"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def get(self, path, query):
        if "down" in self.faults:
            return 503, "text/plain", b"down"
        if "redirects" in self.faults:
            return 302, "text/plain", b""
        wanted = dict(part.split("=") for part in query.split("&") if part)
        study, series, uid = (re.search(rf"/{name}/([0-9.]+)", path) for name in ("studies", "series", "instances"))
        found = [
            each
            for each in self.objects.values()
            if (study is None or each.StudyInstanceUID == study[1])
            and (series is None or each.SeriesInstanceUID == series[1])
            and (uid is None or each.SOPInstanceUID == uid[1])
        ]
        if study is not None and f"searches {study[1]}" in self.faults:
            return 500, "text/plain", b"lost"
        if uid is not None:
            return self.instance(found[0])
        level = {"studies": "StudyInstanceUID", "series": "SeriesInstanceUID", "instances": "SOPInstanceUID"}[
            path.rpartition("/")[2]
        ]
        first = {str(each[level].value): each for each in found}
        rows = [self.row(each, level) for each in first.values()]
        offset, limit = int(wanted.get("offset", 0)), int(wanted.get("limit", 100))
        if "caps pages" in self.faults:
            limit = min(limit, 3)
        if "ignores pages" not in self.faults:
            rows = rows[offset : offset + limit]
        if not rows:
            return 204, "application/dicom+json", b""
        return 200, "application/dicom+json; charset=utf-8", json.dumps(rows).encode()

    def row(self, each, level):
        row = Dataset()
        row.StudyInstanceUID, row.SeriesInstanceUID = each.StudyInstanceUID, each.SeriesInstanceUID
        row.SOPInstanceUID, row.Modality = each.SOPInstanceUID, each.Modality
        row.RetrieveURL = "http://127.0.0.1:1/never/followed"
        if level == "StudyInstanceUID" and "no count" not in self.faults:
            same = [other for other in self.objects.values() if other.StudyInstanceUID == each.StudyInstanceUID]
            row.NumberOfStudyRelatedInstances = len(same)
        content = row.to_json_dict()
        if level == "StudyInstanceUID" and f"miscounts {each.StudyInstanceUID}" in self.faults:
            content["00201208"]["Value"] = ["many"]
        return content

    def instance(self, dataset):
        if "lacks one" in self.faults and dataset.InstanceNumber == 2:
            return 500, "text/plain", b"lost"
        buffer = BytesIO()
        dataset.save_as(buffer, enforce_file_format=True)
        if f"damages {dataset.StudyInstanceUID}" in self.faults:
            buffer = BytesIO(buffer.getvalue()[:150])
        if "single part" in self.faults:
            return 200, "application/dicom", buffer.getvalue()
        body = b"--x\r\nContent-Type: application/dicom\r\n\r\n" + buffer.getvalue() + b"\r\n--x--"
        return 200, 'multipart/related; type="application/dicom"; boundary=x', body

    def post(self, content):
        if "down" in self.faults:
            return 503, "text/plain", b"down"
        if "forbidden" in self.faults:
            return 401, "text/plain", b""
        begin = content.index(b"\r\n\r\n") + 4
        dataset = pydicom.dcmread(BytesIO(content[begin : content.rindex(b"\r\n--")]))
        uid = str(dataset.SOPInstanceUID)
        if dataset.StudyInstanceUID in self.faults:
            return 500, "text/plain", b"a fault of this study"
        self.stored.append(uid)
        answer, item = Dataset(), Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = dataset.SOPClassUID, uid
        status = 200
        if "empty answer" in self.faults:
            return 200, "application/dicom+json", b""
        if "there already" in self.faults:
            status, item.FailureReason, answer.FailedSOPSequence = 409, 0x0111, [item]
        elif "refuses" in self.faults:
            status, item.FailureReason, answer.FailedSOPSequence = 409, 0xA700, [item]
        else:
            self.objects[uid] = dataset
            answer.ReferencedSOPSequence = [item]
            if "warns" in self.faults:
                status, item.WarningReason = 202, 0xB000
        return status, "application/dicom+json; charset=utf-8", answer.to_json().encode()
