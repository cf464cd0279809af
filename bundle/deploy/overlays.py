"""Pictures of slices with the heat map of their likeliest bleed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from bundle.explain import Explainer
from bundle.files import writable_folder, written_whole
from bundle.predictions import Predictions, likeliest_bleed


def draw_overlays(
    folder: Path | str, explainer: Explainer, indices: Sequence[int], predictions: Predictions, names: Sequence[str]
) -> None:
    """Write the overlays of slices as PNG, in the geometry of their files.

    Args:
        folder: of the pictures, made when absent.
        explainer: of all slices.
        indices: of those to draw.
        predictions: of those to draw.
        names: of the pictures.

    Raises:
        InputError: when the folder cannot be written; see also `Explainer.explain`.
    """
    folder = writable_folder(folder)
    classes = [likeliest_bleed(each, predictions.task) for each in predictions.probabilities]
    for name, explanation in zip(names, explainer.explain(indices, classes), strict=True):
        with written_whole(folder / name) as part:
            Image.fromarray(explanation.overlay()).save(part, format="PNG")


def overlay_name(record: Mapping[str, Any]) -> str:
    """Return the name of a slice's picture: its image with the folders, and its number in a volume."""
    suffix = f"_{record['slice']}" if record["slice"] != "" else ""
    return f"{record['image'].replace('/', '_')}{suffix}.png"
