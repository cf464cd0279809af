"""From the outlines of bleeds in a slice to its label."""

from collections.abc import Mapping

import numpy as np

from bundle.labels import ANY, HEMORRHAGE, LABELS, SUBTYPES, Label, check_label

MIN_AREA = 10.0
"""mm², a disc of 3.6 mm: about 50 pixels of a head CT."""


def find_areas(masks: np.ndarray, classes: Mapping[int, str], pixel_area: float) -> dict[str, np.ndarray]:
    """Return the area of each class in each slice.

    Args:
        masks: whole numbers, [H, W, D].
        classes: a subtype, or `ANY` for a bleed of unknown kind, for each value; 0 is no bleed.
        pixel_area: mm².

    Returns:
        mm², [D], for each subtype in `classes`, for `HEMORRHAGE` (of unknown kind) where `ANY` is in them, and for
        `ANY`: all values together.

    Raises:
        ValueError: when a value is neither 0 nor in `classes`.
    """
    strange = set(np.unique(masks[masks != 0]).tolist()) - set(classes)
    if strange:
        raise ValueError(f"has the value {min(strange):g}, whose meaning is not known")
    names = {value: HEMORRHAGE if name == ANY else name for value, name in classes.items()}
    areas = {name: np.zeros(masks.shape[-1]) for name in names.values()}
    for value, name in names.items():
        areas[name] += (masks == value).sum((0, 1)) * pixel_area
    return areas | {ANY: (masks != 0).sum((0, 1)) * pixel_area}


def label_slice(areas: Mapping[str, float], min_area: float = MIN_AREA) -> Label:
    """Return the label of a slice from the area (mm²) of each class in it, which `find_areas` gives.

    A class is 1 from `min_area` on, and 0 where it has no pixel. What is between is unknown: a few pixels can be the
    edge of a bleed whose body is in the next slice, or a slip of the pen, and neither 1 nor 0 would be true. Areas are
    summed over a slice, because subarachnoid blood is one bleed of many small parts.

    Beside a bleed of unknown kind no subtype is 0. Masks of some subtypes alone say nothing of the others: these are
    unknown, and so is *any* where there is nothing.
    """
    of_unknown_kind = areas.get(HEMORRHAGE, 0.0)
    complete = HEMORRHAGE in areas or set(SUBTYPES) <= set(areas)

    def decide(area: float, zero: int | None) -> int | None:
        return zero if area == 0 else 1 if area >= min_area else None

    nothing = 0 if complete and areas[ANY] == 0 else None
    absent = None if of_unknown_kind else 0
    subtypes = [decide(areas[name], absent) if name in areas else nothing for name in SUBTYPES]
    return check_label([*subtypes, decide(areas[ANY], 0 if complete else None)])


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
