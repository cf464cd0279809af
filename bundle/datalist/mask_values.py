"""What the values of a datalist's masks mean: a subtype, a bleed of unknown kind (*any*), or brain without a bleed.

In JSON the values are texts: ``{"1": "brain", "2": "epidural"}``. 0 means nothing. Each pixel counts as the nearest of
the named values and 0, so that a mask saved as JPEG reads as it was drawn; if several are named, a mask with a pixel
further from all of them than half of the smallest step is refused. Without values, whatever is not 0 is a bleed
of unknown kind.
"""

from collections.abc import Iterator, Mapping

from bundle.labels import ANY, SUBTYPES

BRAIN = "brain"
MEANINGS = (BRAIN, *SUBTYPES, ANY)


def find_mask_value_problems(values: object) -> Iterator[str]:
    """Yield what is wrong with the ``mask_values`` of a datalist.

    Example:
        >>> list(find_mask_value_problems({"1": "brain", "2": "epidural"}))
        []
    """
    if not isinstance(values, Mapping) or not all(
        isinstance(value, str) and value.isdecimal() and int(value) > 0 and meaning in MEANINGS
        for value, meaning in values.items()
    ):
        yield f"its mask_values are {values!r}; write whole numbers from 1 on, each with one of {', '.join(MEANINGS)}"
