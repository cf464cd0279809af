"""Which heads a file is missing from that could not be used."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bundle.gate import Outcome
from bundle.readers.formats import Format, image_format
from bundle.sources.judged_series import Row, Series

Name = tuple[str, str, str]
"""Of a head: study, series and part."""


def with_heads(rejected: Sequence[Mapping[str, Any]], every: Sequence[Series]) -> list[Row]:
    """Return files that could not be used, each with the heads that are without it.

    Args:
        rejected: ``{"image", "reason"}``, and ``{"study", "series"}`` where the header of a DICOM file tells them.
        every: series of the same files, also those that are left out.

    Returns:
        The same with ``{"lost_by", "beside"}``, lists of `Name`: heads of its series, all parts of it, for nothing says
        which is the file's; and, where its series is unknown, the heads in files of its format and folder. A series of
        which no file can be used is a head with a name of its own. A NIfTI is a head by itself and has neither.
    """
    if not rejected:  # formats are read from files, of which there may be many
        return []
    parts: dict[tuple[str, str], list[Name]] = {}
    folders: dict[tuple[Path, Format | None], dict[Name, None]] = {}
    for each in every:
        first = each.rows[0]
        name = first["study"], first["series"], each.part
        of_series = parts.setdefault(name[:2], [])
        if each.judgement.outcome is not Outcome.LEFT_OUT:
            of_series.append(name)
            for path in {Path(row["image"]) for row in each.rows}:
                found = image_format(path) if each.facts is None else Format.DICOM
                folders.setdefault((path.parent, found), {})[name] = None
    result = []
    for entry in rejected:
        path, lost_by, beside = Path(entry["image"]), [], []
        if "series" in entry:
            study, series = entry["study"], entry["series"]
            lost_by = parts.get((study, series), [(study, series, "")])
        elif (found := image_format(path)) in (Format.DICOM, Format.RASTER):
            beside = list(folders.get((path.parent, found), ()))
        result.append({**entry, "lost_by": lost_by, "beside": beside})
    return result
