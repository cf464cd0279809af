"""The three objects of a head: report, capture and key objects."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import NamedTuple

import numpy as np
from pydicom import Dataset

from bundle.dicom_results.capture import make_capture
from bundle.dicom_results.headers import Origin
from bundle.dicom_results.key_objects import make_key_objects
from bundle.dicom_results.report import make_report
from bundle.dicom_results.rows import missing_rows
from bundle.errors import InputError
from bundle.readers.dicom_values import quiet_pydicom, reason


class Objects(NamedTuple):
    """What is filed in the patient's study."""

    report: Dataset
    """Comprehensive 3D SR."""
    capture: Dataset
    """Secondary Capture."""
    key_objects: Dataset
    """Key Object Selection."""


def make_objects(origin: Origin, key: int, picture: np.ndarray) -> Objects:
    """Return the objects of a head.

    Args:
        origin: what they are about.
        key: index of the most suspicious slice in the evidence.
        picture: of that slice, see `bundle.dicom_results.capture.make_capture`.

    Raises:
        InputError: when a value of the source makes them impossible.
        ValueError: when the report lacks a row of its template.
    """
    try:
        with quiet_pydicom(), _quiet_highdicom():
            report = make_report(origin, key)
            capture = make_capture(origin, key, picture)
            selection = make_key_objects(origin, [origin.evidence.slices[key], capture])
            objects = Objects(report, capture, selection)
            for each in objects:
                each.save_as(BytesIO(), enforce_file_format=True)  # what cannot be encoded is found here
    except Exception as error:  # highdicom refuses a source with whatever its values make fail first
        raise InputError(f"no results can be made of the source's header ({reason(error)})") from error
    if missing := missing_rows(report):
        raise ValueError(f"the report is not after TID 1500: {'; '.join(missing)}")
    return objects


@contextmanager
def _quiet_highdicom() -> Iterator[None]:
    """Silence what highdicom logs of a source; it names UIDs, and what does harm is raised as an error."""
    logger = logging.getLogger("highdicom")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
