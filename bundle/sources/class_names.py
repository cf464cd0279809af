"""What people call a class of hemorrhage, and the label that it means."""

import re
from collections.abc import Collection

from bundle.labels import ABBREVIATIONS, ANY, HEMORRHAGE, LABELS, NORMAL, SUBTYPES, Label

SPELLINGS = {
    NORMAL: ("normal", "no", "none", "negative", "healthy", "control", "nohemorrhage", "nonhemorrhage", "nobleed"),
    ANY: ("hemorrhage", "yes", "positive", "bleed", "bleeding", "any", "intracranialhemorrhage"),
    "epidural": ("extradural",),
    "intraparenchymal": ("intracerebral", "parenchymal"),
    "intraventricular": ("ventricular",),
}
"""Names besides the labels and their abbreviations; case, spaces and ``_-./()``, British spelling, plurals and a
trailing "hemorrhage", "hematoma" or "bleed" make no difference."""

ACCEPTED = ", ".join((NORMAL, HEMORRHAGE, *SUBTYPES))
"""The classes by their plainest names, to go into a sentence."""


def class_of(name: str) -> str | None:
    """Return the class that a name means: `NORMAL`, a subtype, or `ANY` for hemorrhage of unknown kind; else None.

    Example:
        >>> [class_of(name) for name in ("Subdural_Hematoma", "non-haemorrhagic", "ICH (-)", "ICH?", "ICH_0")]
        ['subdural', 'normal', None, None, None]
    """
    word = re.sub(r"[\s_\-./()]", "", name.lower()).replace("haem", "hem").replace("hemorrhagic", "hemorrhage")
    # Any other sign, a digit or a minus at the end can say that the bleed is absent or in doubt.
    if not re.fullmatch("[a-z]+", word) or re.search(r"-[\W_]*$", name):
        return None
    singular = word.removesuffix("s")
    for candidate in (word, singular, re.sub("(hemorrhage|hematoma|bleed)$", "", singular)):
        for each in (NORMAL, *LABELS):
            known = (each, ABBREVIATIONS.get(each, "").lower(), *SPELLINGS.get(each, ()))
            if candidate and candidate in known:
                return each
    return None


def label_of(classes: Collection[str]) -> Label:
    """Return the label of an image of which these classes were named; subtypes that were not are unknown.

    Raises:
        ValueError: when there is none, or `NORMAL` beside a bleed.
    """
    if set(classes) == {NORMAL}:
        return [0] * len(LABELS)
    if not classes or NORMAL in classes:
        raise ValueError(f"an image cannot be of the classes {', '.join(sorted(classes)) or '(none)'} at once")
    return [*(1 if subtype in classes else None for subtype in SUBTYPES), 1]
