"""The label vocabulary of intracranial hemorrhage: names and order, and nothing else.

A row's *label* is six values in the order of `LABELS`, each 1, 0 or None for *unknown*. A data set that
only says bleed / no bleed gives ``[None] * 5 + [1]`` for a bleed and six zeros for none. In arrays and tensors
(float32) an unknown value is `UNKNOWN`; losses and metrics leave it out, it never counts as 0.

Names and order are those of the RSNA 2019 challenge (Flanders et al., Radiology: AI 2020,
https://doi.org/10.1148/ryai.2020190211), whose CSV writes ``ID_<id>_<label>``.
"""

from collections.abc import Mapping, Sequence

from bundle.errors import InputError

Label = list[int | None]

SUBTYPES = ("epidural", "intraparenchymal", "intraventricular", "subarachnoid", "subdural")
ANY = "any"
LABELS = (*SUBTYPES, ANY)
ANY_INDEX = LABELS.index(ANY)
UNKNOWN = -1.0

NORMAL = "normal"
HEMORRHAGE = "hemorrhage"

CLASSES: Mapping[str, tuple[str, ...]] = {
    "subtype": (NORMAL, *SUBTYPES),
    "binary": (NORMAL, HEMORRHAGE),
    "multilabel": LABELS,
}
"""Output channels of the network for each task, in order."""

ABBREVIATIONS: Mapping[str, str] = {
    "epidural": "EDH",
    "intraparenchymal": "IPH",
    "intraventricular": "IVH",
    "subarachnoid": "SAH",
    "subdural": "SDH",
    ANY: "ICH",
}


def check_label(label: Sequence[object]) -> Label:
    """Return a row's label as a list of six ints or Nones, in the order of `LABELS`.

    An unknown *any* that the subtypes decide (one is 1, or all are 0) is filled in.

    Raises:
        ValueError: when there are not six values, one is not 1, 0 or None, or *any* contradicts the subtypes.

    Example:
        >>> check_label([0, 1, 0, 0, 0, None])
        [0, 1, 0, 0, 0, 1]
    """
    if len(label) != len(LABELS):
        raise ValueError(f"a label has {len(LABELS)} values ({', '.join(LABELS)}), got {len(label)}: {list(label)}")
    values: Label = []
    for name, value in zip(LABELS, label, strict=True):
        if value is not None and value not in (0, 1):
            raise ValueError(f"the label {name} must be 1, 0 or null, got {value!r}")
        values.append(None if value is None else int(value))  # type: ignore[call-overload]
    *subtypes, bleed = values
    if 1 in subtypes:
        implied = 1
    elif None not in subtypes:
        implied = 0
    else:
        implied = None
    if bleed is None:
        bleed = implied
    elif implied is not None and bleed != implied:
        raise ValueError(f"the label any is {bleed}, but the subtypes say {implied}: {values}")
    if bleed == 0:
        subtypes = [0] * len(SUBTYPES)
    return [*subtypes, bleed]


def label_of_slices(head: Label) -> Label:
    """Return what the label of a whole head says of each of its slices: six zeros without a bleed, else nothing.

    Example:
        >>> label_of_slices([0, 0, 0, 0, 1, 1])
        [None, None, None, None, None, None]
    """
    return [0 if head[ANY_INDEX] == 0 else None] * len(LABELS)


def class_names(task: str) -> tuple[str, ...]:
    """Return the names of the network's output channels for `task`, in order.

    Raises:
        InputError: for a task that is no key of `CLASSES`.

    Example:
        >>> class_names("binary")
        ('normal', 'hemorrhage')
    """
    if task not in CLASSES:
        raise InputError(f"the task must be one of {', '.join(CLASSES)}, got {task!r}")
    return CLASSES[task]


def num_classes(task: str) -> int:
    """Return the number of the network's output channels for `task`, see `class_names`.

    Example:
        >>> num_classes("binary")
        2
    """
    return len(class_names(task))
