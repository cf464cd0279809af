"""What a DICOM header says that a slice is. The fields of the standard decide before free text does."""

from collections.abc import Callable, Sequence

from pydicom.uid import UID

from bundle.gate import names
from bundle.gate.header_facts import HeaderFacts
from bundle.gate.judgement import Finding
from bundle.gate.kinds import Kind

Rule = Callable[[HeaderFacts], Finding | None]

_CAPTURES = (
    "1.2.840.10008.5.1.4.1.1.7",  # Secondary Capture, and below it its multi-frame classes
    "1.2.840.10008.5.1.4.1.1.77.1",  # visible light
)
_PARAMETRIC_MAP = "1.2.840.10008.5.1.4.1.1.30"
_SEGMENTATIONS = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
_NO_IMAGES = (
    "1.2.840.10008.1.3.10",  # Media Storage Directory
    "1.2.840.10008.5.1.4.1.1.9",  # waveforms
    "1.2.840.10008.5.1.4.1.1.11",  # presentation states
    "1.2.840.10008.5.1.4.1.1.66",  # raw data, registrations, fiducials
    "1.2.840.10008.5.1.4.1.1.88",  # structured reports, key objects, dose reports
    "1.2.840.10008.5.1.4.1.1.104",  # encapsulated documents
    "1.2.840.10008.5.1.4.1.1.481",  # radiotherapy
)
_NO_IMAGE_MODALITIES = ("SR", "PR", "KO", "DOC", "REG", "FID", "PLAN", "RTSTRUCT", "RTPLAN", "RTRECORD", "ECG", "AU")
_HU_TYPES = ("", "HU")
_MAP_TYPES = ("OD", "MGML", "Z_EFF", "ED", "EDW", "PCT")
"""Defined terms of RescaleType (PS3.3 C.11.1.1.2) that are neither HU nor unspecified."""

ANISOTROPIC = 2.0
"""How many times coarser than the other a pixel's side may be within a slice."""


def find_kind(facts: HeaderFacts) -> Finding:
    """Return what a slice is, by the first of `RULES` that knows it as anything but a head CT."""
    return next(filter(None, (rule(facts) for rule in RULES)), Finding(Kind.HEAD_CT))


def _no_image(facts: HeaderFacts) -> Finding | None:
    if facts.has_pixels:
        return None
    if _is_class(facts.sop_class, _NO_IMAGES):
        return Finding(Kind.NO_IMAGE, f"its SOP class is {UID(facts.sop_class).name}")
    if facts.modality in _NO_IMAGE_MODALITIES:
        return Finding(Kind.NO_IMAGE, f"its modality is {facts.modality}, and it has no pixels")
    return None


def _scout(facts: HeaderFacts) -> Finding | None:
    return names.scout(facts.image_type, facts.name)


def _label_map(facts: HeaderFacts) -> Finding | None:
    if facts.modality != "SEG" and not _is_class(facts.sop_class, _SEGMENTATIONS):
        return None
    return Finding(Kind.LABEL_MAP, "its header says a segmentation")


def _capture(facts: HeaderFacts) -> Finding | None:
    if _is_class(facts.sop_class, _CAPTURES):
        return Finding(Kind.SECONDARY_CAPTURE, f"its SOP class is {UID(facts.sop_class).name}")
    if facts.photometric not in ("MONOCHROME1", "MONOCHROME2", ""):
        return Finding(Kind.SECONDARY_CAPTURE, "it is a picture in colour")
    return names.capture(facts.image_type)


def _other_modality(facts: HeaderFacts) -> Finding | None:
    if facts.modality in ("CT", "MR") or not (facts.modality or facts.has_pixels):
        return None
    return Finding(Kind.OTHER_MODALITY, f"its modality is {facts.modality or 'unknown'}, not CT or MR")


def _computed(facts: HeaderFacts) -> Finding | None:
    if facts.modality == "CT" and facts.rescale_type in _MAP_TYPES:
        return names.computed(facts.image_type, facts.name) or Finding(
            Kind.DERIVED_MAP, f"its RescaleType is {facts.rescale_type}, not HU"
        )
    if _is_class(facts.sop_class, (_PARAMETRIC_MAP,)):
        return Finding(Kind.DERIVED_MAP, "its SOP class is that of a parametric map")
    return names.computed(facts.image_type, facts.name)


def _not_axial(facts: HeaderFacts) -> Finding | None:
    if facts.orientation in ("", "axial"):
        return None
    return Finding(Kind.NOT_AXIAL, f"it is {facts.orientation}, not axial")


def _not_a_head(facts: HeaderFacts) -> Finding | None:
    return names.body_part(facts.body_part, facts.name)


def _mr(facts: HeaderFacts) -> Finding | None:
    return Finding(Kind.MR, "the weights have never seen MR") if facts.modality == "MR" else None


def _unknown_unit(facts: HeaderFacts) -> Finding | None:
    if facts.rescale_type in _HU_TYPES:
        return None
    return Finding(Kind.UNKNOWN_UNIT, f"its RescaleType is {facts.rescale_type}, not HU")


def _contrast(facts: HeaderFacts) -> Finding | None:
    return names.contrast(facts.description, facts.contrast_agent)


def _bone_kernel(facts: HeaderFacts) -> Finding | None:
    return names.bone_kernel(facts.description, facts.kernel)


def _anisotropic(facts: HeaderFacts) -> Finding | None:
    sides = facts.matrix[2:]
    if not sides or max(sides) <= ANISOTROPIC * min(sides):
        return None
    return Finding(Kind.REFORMAT, f"its pixels are {sides[0]:g} mm high and {sides[1]:g} mm wide")


def _reformat(facts: HeaderFacts) -> Finding | None:
    return names.reformat(facts.image_type, facts.name)


RULES: Sequence[Rule] = (
    _no_image,
    _scout,
    _label_map,
    _capture,
    _other_modality,
    _computed,
    _not_axial,
    _not_a_head,
    _mr,
    _unknown_unit,
    _contrast,
    _bone_kernel,
    _reformat,
    _anisotropic,
)


def _is_class(uid: str, classes: Sequence[str]) -> bool:
    return any(uid == each or uid.startswith(f"{each}.") for each in classes)
