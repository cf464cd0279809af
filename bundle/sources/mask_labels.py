"""From the outlines of bleeds in a slice to its label."""

from collections.abc import Mapping

import numpy as np

from bundle.labels import ANY, LABELS, SUBTYPES, Label, check_label

MIN_AREA = 10.0
"""mm², a disc of 3.6 mm: about 50 pixels of a head CT."""


def find_areas(masks: np.ndarray, classes: Mapping[int, str], pixel_area: float) -> dict[str, np.ndarray]:
    """Return the area of each class in each slice.

    Args:
        masks: whole numbers, [H, W, D].
        classes: a subtype or `ANY` (a bleed of unknown kind) for each value; 0 is no bleed.
        pixel_area: mm².

    Returns:
        mm², [D] for each class in `classes`; `ANY` is always among them, and is the area of all values together.

    Raises:
        ValueError: when a value is neither 0 nor in `classes`.
    """
    unknown = set(np.unique(masks[masks != 0]).tolist()) - set(classes)
    if unknown:
        raise ValueError(f"it has the value {min(unknown):g}, whose meaning is not given")
    areas = {name: np.zeros(masks.shape[-1]) for name in classes.values()}
    for value, name in classes.items():
        areas[name] += (masks == value).sum((0, 1)) * pixel_area
    areas[ANY] = (masks != 0).sum((0, 1)) * pixel_area
    return areas


def label_slice(areas: Mapping[str, float], min_area: float = MIN_AREA) -> Label:
    """Return the label of a slice from the area of each class in it.

    A class is 1 from `min_area` on, and 0 where it has no pixel. What is between is unknown: a few pixels can be the
    edge of a bleed whose body is in the next slice, or a slip of the pen, and a reader would call it neither. Areas
    are summed over a slice, because subarachnoid blood is one bleed of many small parts. A class that the masks do not
    tell apart is unknown wherever there is a bleed.

    Args:
        areas: mm² of the classes that the masks tell apart, and of `ANY`.
        min_area: mm².
    """

    def decide(area: float | None) -> int | None:
        if area is None:
            return 0 if areas[ANY] == 0 else None
        return 1 if area >= min_area and area > 0 else 0 if area == 0 else None

    return check_label([decide(areas[name] if name == ANY else areas.get(name)) for name in LABELS])


def parse_classes(text: str) -> dict[int, str]:
    """Return the classes of mask values written as ``1=epidural,2=intraparenchymal`` or ``255=any``.

    Raises:
        ValueError: when it is not of this form, or names another class.
    """
    classes = {}
    for part in text.split(","):
        value, _, name = (each.strip() for each in part.partition("="))
        if not value.isdecimal() or int(value) == 0 or name not in (*SUBTYPES, ANY):
            raise ValueError(f"{part.strip()!r} is no value from 1 on with one of {', '.join(LABELS)}")
        classes[int(value)] = name
    return classes
