"""A DICOMweb server that is asked for CT studies (QIDO-RS) and their images (WADO-RS); DICOM PS3.18, 10.6 and 10.4."""

import logging
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import requests

from bundle.node import instances
from bundle.node.background import Background, reason
from bundle.node.completion import Completion
from bundle.node.config import Source
from bundle.node.intake import Intake, Status
from bundle.node.journal import Journal
from bundle.node.spool import Spool, uid_key
from bundle.node.tally import Tally
from bundle.node.web import open_client
from bundle.readers.dicom_values import quiet_pydicom

logger = logging.getLogger(__name__)

_PAGE = 100
_TIMEOUT = 60.0
_STUDY, _SERIES, _OBJECT = "0020000D", "0020000E", "00080018"
_COUNT, _MODALITY = "00201208", "00080060"
"""Tags of Study, Series and SOP Instance UID, Number of Study Related Instances, Modality."""


class Listed(NamedTuple):
    """An object that a source has."""

    series: str
    uid: str


class Poller(Background):
    """A thread that asks a source.

    URLs are built and never taken from an answer. A study is taken for complete when its source has said the same
    number of objects twice, and all CT images among them are here.

    Args:
        source: where it is.
        spool: where objects go while they arrive.
        journal: what is here already.
        intake: which gets each object.
        completion: which hears when a study is complete.
        tally: which counts.

    Raises:
        InputError: when a file of the source cannot be used.

    Attributes:
        problem: why it cannot be asked at the moment, "" for no reason.
    """

    def __init__(
        self, source: Source, spool: Spool, journal: Journal, intake: Intake, completion: Completion, tally: Tally
    ) -> None:
        super().__init__(f"asking {source.name}", source.every_s, source.every_s)
        self._source, self._spool, self._journal = source, spool, journal
        self._intake, self._completion, self._tally = intake, completion, tally
        self._client = open_client(source.url, source.user_file, source.ca, _TIMEOUT)
        self._counts: dict[str, int] = {}
        self.problem = ""

    @property
    def name(self) -> str:
        """Of the source."""
        return self._source.name

    def stop(self, seconds: float | None = None) -> None:
        """Stop after the object that is being fetched."""
        super().stop(seconds)
        self._client.close()

    def poll(self) -> None:
        """Ask once, and fetch what is new.

        Raises:
            requests.RequestException: when the source does not answer as it should; when it fails at a study or an
                object alone, after all others were fetched. So is any other error of reading what it has answered.
            OSError: when the disk fails.
            sqlite3.Error: likewise.
        """
        failed: list[Exception] = []
        for study, count in self._studies():
            if self._stop.is_set() or not self._spool.has_room():
                return
            if count is None or self._known_count(study) != count:
                with _set_apart(failed):
                    self._fetch(study, count, failed)
        if failed:
            raise failed[0]

    def _work(self) -> bool:
        try:
            self.poll()
            problem = ""
        except requests.HTTPError as error:
            problem = f"answered HTTP {getattr(error.response, 'status_code', '')}"
        except requests.RequestException as error:
            problem = f"cannot be reached ({type(error).__name__})"
        except (OSError, sqlite3.Error):
            raise
        except Exception as error:
            problem = f"gave what cannot be read ({reason(error)})"
        if problem and problem != self.problem:
            logger.warning("the source %s %s", self.name, problem)
        self.problem = problem
        return False

    def _studies(self) -> Iterator[tuple[str, int | None]]:
        """Yield the UIDs of CT studies, and how many objects the source says that each has, None where it does not."""
        today = date.today()
        first = today - timedelta(days=self._source.days)
        filters = {"ModalitiesInStudy": "CT", "StudyDate": f"{first:%Y%m%d}-{today + timedelta(days=1):%Y%m%d}"}
        search = partial(
            self._client.search_for_studies, fields=["NumberOfStudyRelatedInstances"], search_filters=filters
        )
        yield from ((uid, _number(_value(study, _COUNT))) for uid, study in _all_pages(search, _STUDY))

    def _fetch(self, study: str, count: int | None, failed: list[Exception]) -> None:
        """Fetch the images of a study that are not here, and say that it is complete where nothing is missing.

        Args:
            study: UID of it.
            count: of its objects, as the source says.
            failed: to which the errors of objects are added that the source lists and does not give as they should be.
        """
        sender = (self.name, study)
        listed = list(self._listed(study))
        count = len(listed) if count is None else count
        fetched, later = 0, False
        new = [each for each in listed if not instances.is_here(self._journal, uid_key(each.uid))]
        # Before the first is asked for: a study may have waited long enough while they are fetched.
        lacking = {uid_key(each.uid) for each in new}
        instances.lack(self._journal, self.name, uid_key(study), lacking)
        for each in new:
            if self._stop.is_set() or not self._spool.has_room():
                return
            if self._intake.is_full(uid_key(study)):
                continue
            status = None
            with _set_apart(failed):
                status = self._take(study, each, sender)
            if status is Status.SUCCESS:
                fetched += 1
                lacking.discard(uid_key(each.uid))  # what is of a class that is not scored is not kept
            later |= status in (None, Status.OUT_OF_RESOURCES, Status.PROCESSING_FAILURE)
        if fetched:
            instances.lack(self._journal, self.name, uid_key(study), lacking)
            self._tally.add("polled", source=self.name)
            logger.info("fetched %d objects of a study from %s", fetched, self.name)
        if later:
            return
        if fetched or self._counts.get(study) != count:
            self._counts[study] = count
            return
        del self._counts[study]
        self._completion.closed(sender)
        number = instances.study_number(self._journal, uid_key(study))
        if number is not None:
            self._completion.whole(number)
        with self._journal.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO polled VALUES (?, ?, ?)", (self.name, uid_key(study), count))

    def _listed(self, study: str) -> Iterator[Listed]:
        for series in self._client.search_for_series(study):
            if _value(series, _MODALITY) != "CT":
                continue
            uid = str(_value(series, _SERIES))
            objects = _all_pages(partial(self._client.search_for_instances, study, uid), _OBJECT)
            yield from (Listed(uid, each) for each, _ in objects)

    def _take(self, study: str, listed: Listed, sender: tuple[str, str]) -> Status:
        dataset = self._client.retrieve_instance(study, listed.series, listed.uid)
        dataset.preamble = bytes(128)
        with tempfile.NamedTemporaryFile(dir=self._spool.incoming, suffix=".dcm", delete=False) as file:
            path = Path(file.name)
            try:
                with quiet_pydicom():
                    dataset.save_as(file, enforce_file_format=True)
                file.flush()
                announced = str(dataset.get("SOPClassUID")), listed.uid
                return self._intake.take(path, *announced, sender, self.name)
            finally:
                path.unlink(missing_ok=True)

    def _known_count(self, study: str) -> int | None:
        rows = self._journal.read(
            "SELECT instances FROM polled WHERE source = ? AND study = ?", self.name, uid_key(study)
        )
        return rows[0][0] if rows else None


@contextmanager
def _set_apart(failed: list[Exception]) -> Iterator[None]:
    """Add to a list what a study or an object of a source fails with, so that the others are fetched all the same.

    Raises:
        OSError: when it is the node's disk that fails.
        sqlite3.Error: likewise.
    """
    try:
        yield
    except requests.RequestException as error:  # an OSError, too
        failed.append(error)
    except (OSError, sqlite3.Error):
        raise
    except Exception as error:  # an answer may be damaged in any way
        failed.append(error)


def _all_pages(search: Callable[..., list[dict[str, Any]]], tag: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what a search finds, each once, by its UID.

    Args:
        search: called with ``limit`` and ``offset``. A server may give fewer than it is asked for, or all each time.
        tag: of the UID.
    """
    seen: set[str] = set()
    while True:
        page = search(limit=_PAGE, offset=len(seen))
        new = {str(_value(each, tag)): each for each in page if _value(each, tag)}
        if not new.keys() - seen:
            return
        yield from ((uid, each) for uid, each in new.items() if uid not in seen)
        seen |= new.keys()


def _value(dataset: dict[str, Any], tag: str) -> Any:
    """Return the value of an element in DICOM JSON, None where it has none."""
    values = dataset.get(tag, {}).get("Value") or [None]
    return values[0]


def _number(value: Any) -> int | None:
    """Return a number of objects, None where it is none.

    >>> _number("12"), _number("about 12")
    (12, None)
    """
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None
