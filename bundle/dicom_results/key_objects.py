"""The images to look at: Key Object Selection after TID 2010 (DICOM PS3.16)."""

from collections.abc import Sequence

from highdicom import ko
from pydicom import Dataset

from bundle.dicom_results import codes
from bundle.dicom_results.finding import RESEARCH
from bundle.dicom_results.headers import Origin
from bundle.dicom_results.report import observer


def make_key_objects(origin: Origin, images: Sequence[Dataset]) -> Dataset:
    """Return a selection of images of the study.

    Args:
        origin: what it is about.
        images: the most suspicious slice and the picture of it.
    """
    content = ko.KeyObjectSelection(
        document_title=codes.KEY_OBJECTS,
        referenced_objects=images,
        observer_device_context=observer(origin),
        description=f"Most suspicious slice and its heat map. {RESEARCH}",
    )
    selection = ko.KeyObjectSelectionDocument(
        evidence=images,
        content=content,
        requested_procedures=list(origin.evidence.requests) or None,
        **origin.arguments("KO"),
    )
    for item in selection.ContentSequence:
        # highdicom names images "Source", and cannot do without; TID 2010 forbids it.
        if item.ValueType == "IMAGE":
            del item.ConceptNameCodeSequence
    origin.finish(selection)
    return selection
