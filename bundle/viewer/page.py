"""The page of an inference run, written head by head."""

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from bundle.display import WINDOWS
from bundle.errors import InputError
from bundle.files import written_whole
from bundle.gate import Outcome
from bundle.heads import Action
from bundle.labels import ABBREVIATIONS, ANY, SUBTYPES
from bundle.pages import page_environment
from bundle.pictures import FOR_RESEARCH, NO_SIDES
from bundle.predictions import THRESHOLD
from bundle.viewer.encode import window_filter
from bundle.viewer.names import head_names, short_uid
from bundle.viewer.pictures import HeadPictures
from bundle.viewer.stack import Stack, store_stack
from bundle.viewer.verdict import doubts, likely_subtypes, verdict_sentences, where_words

MOST_BYTES = 100_000_000
"""Of the stacks in a page; heads after that, in the order of the worklist, are shown by one slice."""

_FACTS = ("description", "modality", "kernel", "thickness", "spacing", "slices")
_HERE = Path(__file__).parent


def write_page(
    path: Path | str,
    heads: Iterable[HeadPictures],
    left_out: Sequence[Mapping[str, Any]] = (),
    failed: Sequence[Mapping[str, Any]] = (),
    slice_threshold: float = THRESHOLD,
    show_identity: bool = False,
    about: Sequence[str] = (),
) -> None:
    """Write the page of an inference run: a worklist, and each head as a stack of slices to look at.

    The page stands alone: pictures, style and script are in it, and its Content-Security-Policy lets it load nothing.
    UIDs are shortened. One head at a time is held in memory.

    Args:
        path: of the page.
        heads: in any order.
        left_out: records of what was not scored, with "image", "slices", "kind" and "reason".
        failed: records of what could not be read, with "image" and "reason".
        slice_threshold: P(any) from which on a slice is marked.
        show_identity: whether what identifies the patients is shown, see `HeadPictures.identity`.
        about: sentences on the run, such as weights and version.

    Raises:
        InputError: when the page cannot be written.
    """
    script = (_HERE / "viewer.js").read_text(encoding="utf-8")
    template = page_environment(_HERE).get_template("viewer.html.j2")
    try:
        with TemporaryFile() as file:
            worklist = _worklist(heads, file, slice_threshold, show_identity)
            with written_whole(path) as part, part.open("w", encoding="utf-8") as page:
                page.writelines(
                    template.generate(
                        heads=worklist,
                        counts=Counter(head.record["action"] for head in worklist),
                        actions=[action.value for action in Action],
                        left_out=[_shortened(each) for each in left_out],
                        failed=[_shortened(each) for each in failed],
                        about=about,
                        slice_threshold=slice_threshold,
                        windows=WINDOWS,
                        filters={window.name: window_filter(window) for window in WINDOWS},
                        for_research=FOR_RESEARCH,
                        no_sides=NO_SIDES,
                        script=script,
                        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
                    )
                )
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror})", "make room, or choose another folder", path
        ) from error


@dataclass(frozen=True)
class _Head:
    """A head as the template shows it."""

    record: Mapping[str, Any]
    name: str
    sentences: Sequence[str]
    where: str
    doubts: str
    subtypes: Mapping[str, float]
    """Those that the verdict names."""
    bars: Sequence[tuple[str, str, float]]
    """Name, abbreviation and probability of each subtype."""
    caution: bool
    facts: Mapping[str, Any]
    stack: Stack | None


def _worklist(
    heads: Iterable[HeadPictures],
    file: BinaryIO,
    slice_threshold: float,
    show_identity: bool,
) -> list[_Head]:
    found = []
    for head in heads:
        record = head.record
        identity = head.identity if show_identity and head.identity else {}
        facts = {name: record[name] for name in _FACTS if record.get(name) not in (None, "")}
        uids = {name: short_uid(str(record[name])) for name in ("study", "series", "part") if record.get(name)}
        scores = [(name, record.get(f"p_{name}")) for name in SUBTYPES]
        found.append(
            _Head(
                record=record,
                name="",
                sentences=verdict_sentences(record),
                where=where_words(record),
                doubts=doubts(record),
                subtypes=likely_subtypes(record),
                bars=[(name, ABBREVIATIONS[name], score) for name, score in scores if score is not None],
                caution=record.get("outcome") == Outcome.CAUTION,
                facts={**identity, **facts, **uids},
                stack=store_stack(head.slices, file, slice_threshold),
            )
        )
    # A name depends on those of all others.
    named = [
        replace(head, name=name) for head, name in zip(found, head_names([head.record for head in found]), strict=True)
    ]
    return _fitting(sorted(named, key=_urgency))


def _fitting(worklist: Sequence[_Head]) -> list[_Head]:
    """Return the heads, without the slices of those that the page has no room for."""
    room, fitting = MOST_BYTES, []
    for head in worklist:
        if head.stack and head.stack.slices:
            room -= head.stack.slices.length
            if room < 0:
                head = replace(head, stack=replace(head.stack, slices=None))
        fitting.append(head)
    return fitting


def _urgency(head: _Head) -> tuple[int, float]:
    score = head.record.get(f"p_{ANY}")
    # What could not be scored at all comes first among its like.
    return list(Action).index(head.record["action"]), -1.0 if score is None else -score


def _shortened(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: short_uid(value) if isinstance(value, str) else value for name, value in record.items()}
