"""One and the same head in slices of 0.625 to 5 mm: what every rule makes of it, and the verdict.

    HEAD_CT_DATA=FOLDER python -m benchmarks.slice_thickness

Phantoms without a bleed and with one are made in slices of 0.625 mm, and averaged to thicker ones. The template of
``FOLDER/ct_template/scct.nii``, whose voxels are 2 mm high, is resampled to 1.25 mm and more; without HEAD_CT_DATA it
is left out. Each goes through `configs/inference.json`.
"""

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import nibabel
import numpy as np
from monai.bundle import ConfigParser

from benchmarks.head_rules import PLAIN, Head
from bundle.command import run_command
from bundle.labels import CLASSES, NORMAL, UNKNOWN
from bundle.phantom import make_head
from bundle.phantom.geometry import HIGHEST, LOWEST

THICKNESSES = (0.625, 1.25, 2.5, 5.0)
"""mm."""
_PLANES = 4
"""Planes that are averaged over the thickness of a slice."""


def main(
    subtype: str = "epidural",
    size: int = 256,
    seed: int = 3,
) -> None:
    """Print a table for each head.

    Args:
        subtype: of the bleed of the second phantom; the first has none.
        size: rows and columns of the phantoms.
        seed: of the first phantom.
    """
    for number, bleed in enumerate(((), (subtype,))):
        count = round((HIGHEST - LOWEST) / THICKNESSES[0]) + 1
        head = make_head(seed + number, slices=count, size=size, bleed=bleed)
        gap, pixel, _ = head.spacing
        affine = np.diag([-pixel, -pixel, gap, 1.0])
        _compare(f"phantom, {''.join(bleed) or 'no bleed'}", head.image.transpose(2, 1, 0), affine, THICKNESSES)
    data = os.environ.get("HEAD_CT_DATA")
    if data is None:
        print("HEAD_CT_DATA is not set: the template is left out")
        return
    template = nibabel.load(Path(data) / "ct_template" / "scct.nii")
    _compare("template", template.get_fdata(), template.affine, THICKNESSES[1:])


def _compare(name: str, volume: np.ndarray, affine: np.ndarray, thicknesses: tuple[float, ...]) -> None:
    print(f"\n{name}\n\n| mm | slices | " + " | ".join(PLAIN) + " | P(any) | set | action |")
    print("|" + " --- |" * (len(PLAIN) + 5))
    for thickness in thicknesses:
        with TemporaryDirectory() as folder:
            thick = _resampled(volume, abs(affine[2, 2]), thickness)
            scaled = affine @ np.diag([1, 1, thickness / abs(affine[2, 2]), 1])
            path = Path(folder, "head.nii.gz")
            nibabel.save(nibabel.Nifti1Image(np.round(thick).astype(np.int16), scaled), path)
            p_any, series = _inferred(path, Path(folder, "output"))
        head = Head(p_any, np.arange(len(p_any)) * thickness, np.full(len(p_any), UNKNOWN), np.zeros((len(p_any), 0)))
        scores = [1 / (1 + np.exp(-rule([head])[0])) for rule in PLAIN.values()]
        cells = " | ".join(f"{score:.3f}" for score in (*scores, series["p_any"]))
        print(f"| {thickness:g} | {len(p_any)} | {cells} | {series['set_any']} | {series['action']} |", flush=True)


def _resampled(volume: np.ndarray, spacing: float, thickness: float) -> np.ndarray:
    """Return the volume [X, Y, Z] in slices of another thickness, each the mean of planes that are interpolated."""
    height = volume.shape[2] * spacing
    middles = (np.arange(int(height / thickness)) + 0.5) * thickness
    offsets = ((np.arange(_PLANES) + 0.5) / _PLANES - 0.5) * thickness if thickness > spacing else np.zeros(1)
    result = np.zeros((*volume.shape[:2], len(middles)))
    for offset in offsets.tolist():
        at = np.clip((middles + offset) / spacing - 0.5, 0, volume.shape[2] - 1)
        below = np.minimum(at.astype(int), volume.shape[2] - 2)
        share = at - below
        result += volume[..., below] * (1 - share) + volume[..., below + 1] * share
    return result / len(offsets)


def _inferred(path: Path, output: Path) -> tuple[np.ndarray, dict]:
    """Return P(any) of the slices before smoothing, and the line of the series."""
    parser = ConfigParser(ConfigParser.load_config_file("configs/inference.json"))
    parser.update({"bundle_root": ".", "input": str(path), "output_dir": str(output), "page_heads": 0})
    results = parser.get_parsed_content("results")
    results.prepare()
    parser.get_parsed_content("evaluator").run()
    results.finish()
    collected = results.outputs.gathered()
    (series,) = json.loads((output / "results.json").read_text())["series"]
    normal = CLASSES["subtype"].index(NORMAL)
    return 1 - collected.probabilities[collected.scored, normal], series


if __name__ == "__main__":
    run_command(main)
