"""The words by which the name of a series, its kernel and its ImageType say what it is."""

import re
from functools import lru_cache

from bundle.gate.judgement import Finding
from bundle.gate.kinds import Kind

_AFTER = r"post(?! ?(op|fossa|trauma|fall|fx|evd))|cect|ct[av]|angio\w*|venogra\w*"
"""Words for a series that was taken after contrast."""
_PLAIN = re.compile(
    r"\b(plain|ncct|nativ\w*|nect|(pre|non|no|w ?o|without|sans|ohne|sin)( iv)? ?"
    r"(contrast|contraste|km|kontrast|ce|gd|ivc?|civ|inject\w*)|noncontrast|unenhanced|w o|wo|o km|(c|iv) minus)\b"
)
_BOTH = re.compile(
    r"\b(w wo|wo w|w w o|w o w|(with|w) and (without|wo|w o)|(without|wo|w o) and (with|w)"
    rf"|{_AFTER}|c plus|(?<!non )enhanced)\b"
)
"""What makes a plain name one of both: the name of an examination without and with contrast on each of its series."""
_CONTRAST = re.compile(
    rf"\b(contrast\w*|kontrast\w*|km|{_AFTER}|c plus|c|ce|gd|ivc?|civ|inject\w*|enhanced"
    r"|arterial|venous|portal|delayed|\d+ ?cc)\b"
)
_BONE = re.compile(r"\bbones?\b|\bknochen\b|\bhrct\b|\bhi ?res")
_SHARP_KERNEL = re.compile(
    r"bone|edge|lung|ultra|sharp|detail|\b[bhijqu][a-z]?[6-9]\d|\bbl5\d|\bfc[358]\d|^\s*(y[a-e]|[de])\s*$"
)
"""GE's and Philips' by name, Siemens' (H60s, B70f, Hr68, Bl57) and Canon's (FC30, FC81) by number."""

_SCOUT = re.compile(r"\b(locali[sz]ers?|scouts?|topograms?|surviews?|scano(gram|scope)?s?)\b")
_PERFUSION = re.compile(r"\b(perfusion|perf|r?cbf|r?cbv|mtt|ttp|tmax|ctp|tmip)\b")
_DERIVED = re.compile(
    r"\b(mips?|minips?|(max|min) ip|projection image|vrt?|ssd|volume render\w*|rendered|rendering"
    r"|iodine|vnc|z ?eff|eff atomic num|electron density|mat (specific|fractional|value based|removed|modified)"
    r"|subtract\w*|dsa|calcium supp\w*|rgb|parametric|color|colour)\b"
)
_REFORMAT = re.compile(r"\b(reformat\w*|mpr|cpr|secondary|resampled|average|derived secondary)\b")
_MONOENERGETIC = re.compile(r"\b(mono(?!i)\w*|vmi|\d+ ?kev)\b")
"""In a name alone: photon-counting scanners write VMI into the ImageType of all that they make."""
_CAPTURE = re.compile(
    r"\b(screen ?(save|shot|capture)?|secondary capture|dose( info| report)?|capture|overview image)\b"
)

_HEAD = re.compile(
    r"\b(head\w*|brain\w*|skull|crani\w*|cereb\w*|neuro\w*|kopf|schadel|hirn|cct|ncct|tete|crane|stroke)\b"
)
_BODY = re.compile(
    r"\b(chest|thorax|lungs?|abdomen|abdo\w*|pelvis|liver|kidneys?|heart|cardiac|coronary|aorta|[ctls] ?spine|spine"
    r"|lspine|cspine|tspine|lumbar|thoracic|cervical|neck|extremit\w*|knee|ankle|foot|feet|hand|wrist|elbow|shoulder"
    r"|hip|femur|tibia|leg|arm|breast|whole ?body)\b"
)

_SPINE = re.compile(r"(?<![^\W_])c[\W_]*spine")
_SIGNED = re.compile(r"(?<![^\W_])(c|iv)\s*(\+|-(?!\w))")

_once = lru_cache(maxsize=256)
"""A series has one name for its hundred slices."""


@_once
def words(text: str) -> str:
    r"""Return the lower-case words of a name or of coded values, with a space between them.

    Example:
        >>> words("DERIVED\\SECONDARY\\REF_SURVIEW"), words("CT 0.6mm HEAD C+"), words("HEAD C-SPINE")
        ('derived secondary ref surview', 'ct 0 6mm head c plus', 'head cspine')
    """
    text = _SPINE.sub("cspine", text.lower())
    text = _SIGNED.sub(_signed_contrast, text)
    return " ".join(re.findall(r"[^\W_]+", text))


def _signed_contrast(match: re.Match[str]) -> str:
    return f"{match[1]} {'plus' if match[2] == '+' else 'minus'} "


@_once
def scout(image_type: str, name: str) -> Finding | None:
    """Return whether ImageType or the series' name says a scout."""
    return _by("ImageType", image_type, _SCOUT, Kind.SCOUT) or _by("name", name, _SCOUT, Kind.SCOUT)


@_once
def capture(image_type: str) -> Finding | None:
    """Return whether ImageType says a picture of a screen."""
    return _by("ImageType", image_type, _CAPTURE, Kind.SECONDARY_CAPTURE)


@_once
def computed(image_type: str, name: str) -> Finding | None:
    """Return whether ImageType or the series' name says an image of computed values."""
    return (
        _by("ImageType", image_type, _PERFUSION, Kind.PERFUSION_MAP)
        or _by("ImageType", image_type, _DERIVED, Kind.DERIVED_MAP)
        or _by("name", name, _PERFUSION, Kind.PERFUSION_MAP)
        or _by("name", name, _DERIVED, Kind.DERIVED_MAP)
    )


@_once
def reformat(image_type: str, name: str) -> Finding | None:
    """Return whether ImageType or the series' name says images made from others."""
    return (
        _by("ImageType", image_type, _REFORMAT, Kind.REFORMAT)
        or _by("name", name, _REFORMAT, Kind.REFORMAT)
        or _by("name", name, _MONOENERGETIC, Kind.REFORMAT)
    )


@_once
def contrast(name: str, agent: str = "") -> Finding | None:
    """Return whether a series' name or contrast agent says that it was taken after contrast.

    The name is believed more than the agent, which scanners note for the plain series of an examination, too; but one
    that says both with and without, as "W/WO", says nothing.
    """
    if not _PLAIN.search(words(name)):
        if found := _by("name", name, _CONTRAST, Kind.CONTRAST, "contrast"):
            return found
    elif not _BOTH.search(words(name)):
        return None
    if agent.strip().lower() not in ("", "no", "none", "without", "n", "0"):
        return Finding(Kind.CONTRAST, f"its header names a contrast agent ({agent.strip()})")
    return None


@_once
def bone_kernel(name: str, kernel: str = "") -> Finding | None:
    """Return whether a series' name or kernel says one for bone."""
    if found := _by("name", name, _BONE, Kind.BONE_KERNEL, "a bone kernel"):
        return found
    if _SHARP_KERNEL.search(kernel.lower()):
        return Finding(Kind.BONE_KERNEL, f"its kernel is one for bone ({kernel.strip()})")
    return None


@_once
def body_part(part: str, name: str) -> Finding | None:
    """Return whether the body part examined, or the series' name, says another part than the head."""
    if _HEAD.search(words(f"{part} {name}")):
        return None
    return _by("BodyPartExamined", part, _BODY, Kind.NOT_A_HEAD) or _by("name", name, _BODY, Kind.NOT_A_HEAD)


def _by(field: str, text: str, pattern: re.Pattern[str], kind: Kind, what: str = "") -> Finding | None:
    found = pattern.search(words(text))
    if not found:
        return None
    if what:
        return Finding(kind, f"its {field} says {what} ({found[0]})")
    return Finding(kind, f"its {field} says {found[0].upper() if field != 'name' else found[0]}")
