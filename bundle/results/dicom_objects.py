"""The DICOM results of an inference: of each head a report, a capture and key objects, as files."""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

import bundle.dicom_results as dicom
from bundle.datalist.build import bundle_version
from bundle.errors import InputError
from bundle.files import writable_folder, written_whole
from bundle.heads import Coverage
from bundle.pictures import draw_legend
from bundle.predictions import THIN
from bundle.progress import progress
from bundle.readers.dicom_values import quiet_pydicom
from bundle.results.model import Model
from bundle.results.records import Record, Records, most_suspicious, series_of, slices_by_series
from bundle.viewer import where_words

logger = logging.getLogger(__name__)


class DicomObjects:
    """Write the results of each head as DICOM objects, which a PACS can file in the patient's study.

    The same answer about the same slices has the same UIDs; an object that is already in the folder is left as it is.
    Another answer is numbered after those in the folder, and names the reports whose place it takes.

    Args:
        station: name of the installation.
    """

    def __init__(self, station: str) -> None:
        self.station = station

    def algorithm(self, model: Model, method: str, threshold: float) -> dicom.Algorithm:
        """Return what gives the answers.

        Args:
            model: that scores the slices.
            method: how heat maps are made.
            threshold: P(any) from which on a slice is called a hemorrhage; that of a head is in its record.
        """
        settings = {
            "slice_threshold": threshold,
            "slice_smoothing": model.view.slice_smoothing,
            "slabs_below": f"{THIN:g} mm",
            "image_size": model.view.image_size,
            "mirrored": model.view.mirrored,
            "runtime": model.runtime,
        }
        return dicom.Algorithm(bundle_version(), model.sha256, settings, method, self.station)

    def prepare(self, folder: Path | str) -> None:
        """Check that objects can be written, before hours are spent on what is to be in them.

        Raises:
            InputError: when highdicom is not installed, or the folder cannot be written to.
        """
        assert dicom.make_objects
        writable_folder(folder)

    def write(
        self,
        folder: Path,
        records: Records,
        algorithm: dicom.Algorithm,
        rows: Sequence[Mapping[str, Any]],
        incomplete: Collection[tuple[str, str, str]],
        picture: Callable[[int, Sequence[str]], np.ndarray],
        base: Path,
        earlier: dicom.Earlier | None = None,
    ) -> Records:
        """Write the objects and return the records, those of series with what was written or why nothing was.

        Args:
            folder: of the objects.
            records: what is reported.
            algorithm: which gave it.
            rows: of the scored slices, in the order of their records, whose "image" is a path.
            incomplete: names of series, see `series_of`, of which slices are missing, or the head is cut off.
            picture: gives the overlay of a slice with its captions, [H, W, 3] uint8, by the index of its record and
                the verdict on its head, see `bundle.dicom_results.Finding.captions`.
            base: folder relative to which files are named.
            earlier: answers about the study, see `bundle.dicom_results.Origin`.

        Raises:
            InputError: when answers about the study are counted, and the disk takes no objects.
        """
        keys = {series_of(records.slices[index]): index for index in most_suspicious(records.slices, 1)}
        members = slices_by_series(records.slices)
        numbers: Counter[tuple[str, str]] = Counter()
        at, series = datetime.now().astimezone(), []
        filed = dicom.filed_reports(folder) if earlier is None else []
        for record in progress(records.series, "DICOM results", unit="head", delay=2):
            name, written, reason = series_of(record), "", ""
            numbers[name[:2]] += 1  # a series can have parts
            try:
                own = [rows[index] for index in members.get(name, ())]
                origin = _origin(record, own, algorithm, at, numbers[name[:2]], name in incomplete, earlier)
                origin = replace(origin, filed=filed)
                drawn = draw_legend(picture(keys[name], origin.finding.captions))
                objects = dicom.make_objects(origin, members[name].index(keys[name]), drawn)
                written = "|".join(_write(folder, objects))
            except InputError as error:
                if earlier is not None and isinstance(error.__cause__, OSError):
                    # Where each answer is given once, it waits for the disk, and does not go out without a series.
                    raise
                reason = str(error.relative_to(base))
                logger.warning("There are no DICOM results of a series: %s.", reason)
            series.append({**record, "dicom_results": written, "no_dicom_results": reason})
        return replace(records, series=series)


def _origin(
    record: Record,
    rows: Sequence[Mapping[str, Any]],
    algorithm: dicom.Algorithm,
    at: datetime,
    number: int,
    incomplete: bool,
    earlier: dicom.Earlier | None,
) -> dicom.Origin:
    """Return what the objects of a head are about.

    Raises:
        InputError: when there is nothing that they could refer to, see `bundle.dicom_results.read_evidence`.
    """
    if not rows:
        raise InputError("none of its slices could be scored")
    evidence = dicom.read_evidence([row["image"] for row in rows])
    algorithm = replace(algorithm, parameters={"head_threshold": record["threshold"], **algorithm.parameters})
    positions = [np.nan if row.get("position") is None else row["position"] for row in rows]
    partial = incomplete or not Coverage.of(positions).is_whole
    finding = dicom.Finding.of(record, where_words(record), partial)
    if earlier is not None:
        finding, number = finding.after(earlier.action), earlier.number + number
    return dicom.Origin(evidence, finding, algorithm, at, number, earlier)


def _write(folder: Path, objects: Any) -> Iterator[str]:
    for kind, dataset in zip(dicom.SERIES, objects, strict=True):
        name = f"{kind}_{dataset.SOPInstanceUID}.dcm"
        if not (folder / name).exists():
            try:
                with written_whole(folder / name) as part, quiet_pydicom():
                    dataset.save_as(part, enforce_file_format=True)
            except OSError as error:
                problem = f"cannot take DICOM results ({error.strerror})"
                raise InputError(problem, "make room, or choose another folder for them", folder) from error
        yield name
