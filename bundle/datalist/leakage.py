"""What a test must not have seen in training."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from bundle.datalist.schema import SECTIONS


def find_leakage(content: Mapping[str, Any], digests: Mapping[str, str] | None = None) -> list[str]:
    """Return a sentence for each patient, and each image, that is in more than one section of a datalist.

    Args:
        content: the datalist.
        digests: `bundle.datalist.Fingerprint.digest` of images by ``image``, to find those with identical pixels
            under different names; without them, an image is known by its name alone.
    """
    patients: dict[str, set[str]] = defaultdict(set)
    images: dict[tuple[str, object], set[str]] = defaultdict(set)
    pixels: dict[str, dict[str, str]] = defaultdict(dict)
    for section in SECTIONS:
        for row in content[section]:
            patients[row["patient"]].add(section)
            images[row["image"], row.get("slice")].add(section)
            if digests and row["image"] in digests:
                pixels[digests[row["image"]]].setdefault(section, row["image"])
    found = [f"the patient {patient} is in {_name(held)}" for patient, held in patients.items() if len(held) > 1]
    found += [f"the image {image} is in {_name(held)}" for (image, _), held in images.items() if len(held) > 1]
    for held in pixels.values():
        if len(set(held.values())) > 1:
            named = " and ".join(f"{image} in {section}" for section, image in held.items())
            found.append(f"the pixels of {named} are identical")
    return found


def _name(sections: set[str]) -> str:
    return " and ".join(section for section in SECTIONS if section in sections)
