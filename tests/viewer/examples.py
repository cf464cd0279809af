"""Heads of known truth as the page is given them."""

from functools import cache

import numpy as np

from bundle.intensity import Intensity
from bundle.labels import SUBTYPES
from bundle.phantom import Head, make_head
from bundle.viewer import HeadPictures, SlicePicture

STUDY, SERIES = "1.2.826.0.1.3680043.8.498.10987654321", "1.2.826.0.1.3680043.8.498.19876543210"
SPACING = 5.0


@cache
def phantom(subtype: str = "intraparenchymal", slices: int = 12, size: int = 96) -> Head:
    return make_head(3, slices=slices, size=size, bleed=[subtype] if subtype else [])


def scores(bleed: np.ndarray) -> np.ndarray:
    """Return P(any) of slices by the area of their bleed."""
    areas = (bleed > 0).sum(axis=(1, 2))
    return (0.03 + 0.9 * areas / max(areas.max(), 1)).round(3)


def head(subtype: str = "intraparenchymal", **record) -> HeadPictures:
    """Return a phantom's pictures; the heat lies on its bleed."""
    made = phantom(subtype)
    p_any = scores(made.bleed)
    slices = [
        SlicePicture(
            pixels=made.image[index],
            intensity=Intensity.HU,
            heat=(made.bleed[index] > 0).astype(np.float32),
            record={
                "image": f"a/ct/{index}.dcm",
                "slice": "",
                "position": SPACING * index - 20,
                **of(p_any[index], subtype),
            },
            spacing=made.spacing[1:],
            sides=("R", "L"),
        )
        for index in range(len(made.image))
    ]
    return HeadPictures({**series(p_any, subtype), **record}, slices)


def of(p_any: float, subtype: str) -> dict[str, float]:
    return {**{f"p_{name}": 0.9 * float(p_any) * (name == subtype) for name in SUBTYPES}, "p_any": float(p_any)}


def series(p_any: np.ndarray, subtype: str) -> dict:
    worst = int(p_any.argmax())
    found = bool(p_any[worst] > 0.5)
    return {
        "study": STUDY, "series": SERIES, "part": "", "slices": len(p_any), **of(p_any[worst], subtype),
        "action": "read first" if found else "routine", "refer": found,
        "refer_reason": "a bleed is likely" if found else "",
        "most_suspicious_image": f"a/ct/{worst}.dcm", "most_suspicious_slice": "", "most_suspicious_sop": f"{SERIES}.1",
        "modality": "CT", "description": "Head 5.0", "kernel": "H31s", "thickness": 5.0, "spacing": SPACING,
        "kind": "head CT", "outcome": "scored", "reason": "",
    }  # fmt: skip


def pictures(count: int = 3, **record) -> HeadPictures:
    """Return a folder of 8-bit pictures, of which neither positions nor sides are known."""
    unplaced = {"slice": "", "position": None, "p_any": 0.2}
    slices = [
        SlicePicture(
            pixels=np.full((40, 60), 40.0 * (index + 1), np.float32),
            intensity=Intensity.DISPLAY,
            heat=None,
            record={"image": f"{index}.png", **unplaced},
        )
        for index in range(count)
    ]
    fields = {"study": "", "series": "png", "part": "", "slices": count, "p_any": 0.2, "action": "read soon"}
    reason = {"refer_reason": "undecided", "most_suspicious_image": "png/0.png", "most_suspicious_slice": ""}
    return HeadPictures({**fields, **reason, **record}, slices)
