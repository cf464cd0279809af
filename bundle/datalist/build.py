"""From the rows of a source to a datalist."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from bundle.datalist.counts import count_rows
from bundle.datalist.fingerprint import read_fingerprint
from bundle.datalist.near_duplicates import find_conflicts, find_groups
from bundle.datalist.schema import SECTIONS, Row
from bundle.datalist.split import FRACTIONS, check_fractions, split_rows
from bundle.errors import InputError
from bundle.labels import LABELS
from bundle.parallel import map_files

METADATA = Path(__file__).parents[2] / "configs" / "metadata.json"


class Skipped(NamedTuple):
    """An image that was left out, and why."""

    image: str
    reason: str

    @classmethod
    def from_error(cls, image: str, file: Path, error: InputError) -> "Skipped":
        """Take the reason from the error that reading `file` raised, without the path that begins its sentence."""
        return cls(image, str(error).removeprefix(f"{file} "))


@dataclass
class Collection:
    """What a source found in a dataset.

    Attributes:
        source: name of the source.
        rows: rows as in `bundle.datalist.schema`; ``patient`` may be missing.
        skipped: what it left out.
        notes: sentences worth telling.
    """

    source: str
    rows: list[Row]
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def build_datalist(
    collection: Collection,
    dataset_dir: Path | str,
    fractions: Sequence[float] = FRACTIONS,
    seed: int = 0,
    name: str | None = None,
) -> dict[str, Any]:
    """Group rows without a patient by near-duplicate images, split all, and add counts and provenance.

    What turns out unreadable or contradictory is moved from the collection's rows to its ``skipped``, and the groups'
    sizes are added to its ``notes``.

    Args:
        collection: the rows of a source.
        dataset_dir: folder to which the images are relative.
        fractions: as in `bundle.datalist.split_rows`.
        seed: of the split.
        name: of the datalist; the source's when None.

    Raises:
        InputError: when no row is left, or as `bundle.datalist.split_rows` says.
    """
    shares = check_fractions(fractions).tolist()
    group_unknown_patients(collection, Path(dataset_dir))
    if not collection.rows:
        raise InputError(f"{dataset_dir} holds no usable image of {len(collection.skipped)}; see why each was skipped")
    sections = split_rows(collection.rows, shares, seed)
    provenance: dict[str, Any] = {"seed": seed, "fractions": shares, "skipped": len(collection.skipped)}
    if METADATA.is_file():
        provenance["version"] = json.loads(METADATA.read_text(encoding="utf-8"))["version"]
    return {
        "name": collection.source if name is None else str(name),
        "source": collection.source,
        "labels": list(LABELS),
        "counts": {section: count_rows(sections[section]) for section in SECTIONS},
        "provenance": provenance,
        **sections,
    }


def group_unknown_patients(collection: Collection, dataset_dir: Path) -> None:
    """Give rows without a patient their group of near-duplicate images as one; change the collection in place."""
    known = [row for row in collection.rows if row.get("patient")]
    unknown = sorted((row for row in collection.rows if not row.get("patient")), key=lambda row: row["image"])
    if not unknown:
        return
    found = map_files(read_fingerprint, [dataset_dir / row["image"] for row in unknown], "comparing images")
    rows, fingerprints = [], []
    for row, fingerprint in zip(unknown, found, strict=True):
        if isinstance(fingerprint, InputError):
            collection.skipped.append(Skipped.from_error(row["image"], dataset_dir / row["image"], fingerprint))
        else:
            rows.append(row)
            fingerprints.append(fingerprint)
    groups = find_groups(fingerprints)
    conflicts = find_conflicts(fingerprints, [row["label"] for row in rows])
    collection.rows = known
    for index, row in enumerate(rows):
        if index in conflicts:
            reason = f"has the pixels of {rows[conflicts[index]]['image']}, which is labelled otherwise"
            collection.skipped.append(Skipped(row["image"], reason))
        else:
            collection.rows.append({**row, "patient": f"group-{groups[index]:06d}"})
    sizes = Counter(groups.tolist()).most_common()
    largest = ", ".join(str(size) for _, size in sizes[:5] if size > 1)
    collection.notes.append(
        f"{len(rows)} images name no patient; near-duplicates taken for one patient's give {len(sizes)} groups"
        + (f", the largest of {largest} images" if largest else "")
    )
