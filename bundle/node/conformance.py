"""The DICOM Conformance Statement of a node, made of the tables by which it works: ``docs/conformance.md``."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2
from pydicom.uid import UID
from pynetdicom import PYNETDICOM_IMPLEMENTATION_UID, PYNETDICOM_IMPLEMENTATION_VERSION
from pynetdicom.sop_class import StorageCommitmentPushModel, Verification  # type: ignore[attr-defined]

from bundle.dicom_results import SERIES
from bundle.node.admission import BAD_CALLED, BAD_CALLING, TOO_MANY
from bundle.node.c_store import CLASSES
from bundle.node.c_store import SYNTAXES as SENT_SYNTAXES
from bundle.node.contexts import supported_contexts
from bundle.node.header import MULTI_FRAME, SCORED
from bundle.node.intake import Status
from bundle.node.receiver import LONGEST_PDU
from bundle.node.schema import SCHEMA, resolved

STATUSES = {
    Status.SUCCESS: (
        "is on the disk, or was there before, in whichever transfer syntax; "
        "or is of a class that is acknowledged and dropped"
    ),
    Status.PROCESSING_FAILURE: "met a failure of the node itself",
    Status.OUT_OF_RESOURCES: "does not fit: the disk has no room beyond its reserve, or the study has too many objects",
    Status.DATA_SET_DOES_NOT_MATCH: "has another UID than was announced, or other content than the one of its UID here",
    Status.CANNOT_UNDERSTAND: "cannot be parsed, lacks a UID of digits and points, or is too large",
}
"""What a status says of an object."""
REJECTIONS = {
    BAD_CALLED: "the called AE title is another one",
    BAD_CALLING: "no peer of the config has this AE title at this address",
    TOO_MANY: "there are as many associations as the config allows, of all peers or of this one",
}


def conformance_statement() -> str:
    """Return the statement, in Markdown."""
    template = Path(__file__).with_name("conformance.md.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["called"] = _called
    contexts = {str(each.abstract_syntax): each.transfer_syntax or [] for each in supported_contexts()}
    services = {Verification, StorageCommitmentPushModel}
    scored, dropped = sorted(SCORED), sorted(contexts.keys() - SCORED - MULTI_FRAME - services)
    unread = "kept, not read; alone set aside, and no head beside it is routine"
    return environment.from_string(template).render(
        implementation=(PYNETDICOM_IMPLEMENTATION_UID, PYNETDICOM_IMPLEMENTATION_VERSION),
        kept=[
            *((uid, "scored") for uid in scored),
            *((uid, unread) for uid in sorted(MULTI_FRAME)),
        ],
        image_syntaxes=contexts[scored[0]],
        dropped=dropped,
        verification=Verification,
        commitment=StorageCommitmentPushModel,
        sent=CLASSES,
        series=SERIES,
        sent_syntaxes=SENT_SYNTAXES,
        statuses=[(f"0x{status:04X}", meaning) for status, meaning in STATUSES.items()],
        rejections=REJECTIONS,
        longest_pdu=LONGEST_PDU,
        receive=list(_settings("receive")),
        send=list(_settings("send")),
        complete=list(_settings("complete")),
    )


def _called(uid: str) -> str:
    return f"{UID(uid).name} ({uid})"


def _settings(section: str) -> Iterator[tuple[str, Any, str]]:
    """Yield the keys of a section that have a plain default, with it and what they say."""
    properties: Mapping[str, Mapping[str, Any]] = SCHEMA["properties"][section]["properties"]
    for key, part in properties.items():
        part = resolved(part)
        if isinstance(part.get("default"), int | float | str):
            yield f"{section}.{key}", part["default"], part["description"]
