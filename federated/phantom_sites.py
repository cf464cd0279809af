"""Two sites of phantoms that see different hemorrhages: ``python -m federated.phantom_sites OUTPUT``."""

import os
from collections.abc import Iterable
from pathlib import Path

from bundle.command import run_command
from bundle.datalist import Row, build_datalist, write_datalist
from bundle.files import writable_folder
from bundle.labels import LABELS
from bundle.phantom import Manifest, write_phantoms
from bundle.sources import read_rsna

COMMON = "common"
OUTSIDE_THE_BRAIN = {"epidural", "subdural"}
FRACTIONS = (0.55, 0.15, 0.3)


def main(output: str, patients: int = 54, slices: int = 8, size: int = 128, seed: int = 0) -> None:
    """Make phantoms of two sites: ``outside`` has epidural and subdural hemorrhages, ``inside`` the others.

    The datalist of each has a training and a validation split. ``common`` holds all phantoms; the test split of its
    datalist has patients that neither site has, with every subtype.

    Args:
        output: folder to write.
        patients: number of patients of both sites and the test split together.
        slices: number of slices of each patient.
        size: rows and columns of a slice.
        seed: another seed gives other patients.
    """
    common = writable_folder(output) / COMMON
    write_phantoms(common, Manifest(patients, slices, size, seed))
    content = build_datalist(read_rsna(common), common, FRACTIONS, seed)
    write_datalist(common / "datalist.json", content)
    site_of = share_out([*content["training"], *content["validation"]])
    for site in sorted(set(site_of.values())):
        own = {
            section: [row for row in content[section] if site_of.get(row["patient"]) == site]
            for section in ("training", "validation")
        }
        folder = writable_folder(Path(output) / site)
        _link(common, folder, [row["image"] for rows in own.values() for row in rows])
        described = {key: content[key] for key in ("source", "labels")}
        write_datalist(folder / "datalist.json", {"name": site, **described, **own, "test": []})
        print(f"{site}: {len(own['training'])} training slices, {len(own['validation'])} validation slices")
    print(f"{COMMON}: {len(content['test'])} test slices")


def share_out(rows: Iterable[Row]) -> dict[str, str]:
    """Return the site of each patient, keyed by patient; those without a hemorrhage go to the sites in turn.

    Args:
        rows: of a datalist.

    Example:
        >>> label = dict(epidural=[1, 0, 0, 0, 0, 1], subarachnoid=[0, 0, 0, 1, 0, 1], none=[0] * 6)
        >>> share_out({"patient": name, "label": value} for name, value in label.items())
        {'epidural': 'outside', 'none': 'inside', 'subarachnoid': 'inside'}
    """
    found: dict[str, set[str]] = {}
    for row in rows:
        bleeds = {name for name, value in zip(LABELS[:-1], row["label"], strict=False) if value == 1}
        found.setdefault(row["patient"], set()).update(bleeds)
    healthy = sorted(patient for patient, bleeds in found.items() if not bleeds)
    turns = {patient: ("inside", "outside")[turn % 2] for turn, patient in enumerate(healthy)}
    return {
        patient: turns.get(patient, "outside" if bleeds & OUTSIDE_THE_BRAIN else "inside")
        for patient, bleeds in sorted(found.items())
    }


def _link(source: Path, folder: Path, images: Iterable[str]) -> None:
    for image in images:
        target = folder / image
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            os.link(source / image, target)


if __name__ == "__main__":
    run_command(main)
