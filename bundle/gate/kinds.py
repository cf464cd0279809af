"""What a series can be, and what follows from it."""

from enum import StrEnum


class Outcome(StrEnum):
    """What becomes of a series."""

    SCORED = "scored"
    CAUTION = "scored with a caution"
    """Scored, and always referred to a radiologist."""
    LEFT_OUT = "left out"
    """Neither scored nor failed: its files are sound, and no axial head."""


class Kind(StrEnum):
    """What a series is, in the terms of the field.

    Example:
        >>> Kind.SCOUT.outcome.value
        'left out'
    """

    HEAD_CT = "head CT"
    """Axial, unenhanced, of a soft-tissue kernel, in HU."""
    PICTURE = "picture"
    """8-bit picture of a slice, windowed before."""
    SHIFTED_CT = "shifted CT"
    """NIfTI of a head CT whose numbers are 1024 or 1000 above HU; they are taken off."""
    STRIPPED_CT = "skull-stripped CT"
    """NIfTI of a brain in HU with zeros around it."""
    UNKNOWN_UNIT = "unknown unit"
    """Numbers that are neither HU nor display values, as those of an MR in NIfTI or of a 16-bit picture."""
    CONTRAST = "contrast"
    """CT after a contrast agent."""
    BONE_KERNEL = "bone kernel"
    """CT of a sharp kernel, whose noise hides blood."""
    REFORMAT = "reformat"
    """Axial images made from others after the scan."""
    COLOUR = "picture in colour"
    """Picture of which more is in colour than marks on a slice are: a page, a chart, an overlay, a photograph."""
    MR = "MR"
    """Magnetic resonance."""
    NOT_AXIAL = "not axial"
    """Coronal, sagittal, or oblique by more than 45°."""
    SCOUT = "scout"
    """Localizer, topogram, surview."""
    SECONDARY_CAPTURE = "secondary capture"
    """Picture of a screen, or in colour."""
    PERFUSION_MAP = "perfusion map"
    """Flow, volume or time of the blood."""
    DERIVED_MAP = "derived map"
    """Another image of computed values: iodine, atomic number, projection, subtraction, rendering."""
    NOT_A_HEAD = "not a head"
    """Another part of the body."""
    OTHER_MODALITY = "other modality"
    """Images of neither CT nor MR."""
    LABEL_MAP = "label map"
    """Numbers of regions instead of grey values."""
    EMPTY = "empty"
    """One value everywhere."""
    NO_IMAGE = "no image"
    """DICOM without pixels by design (report, presentation state, dose report, index, document); other formats."""

    @property
    def outcome(self) -> Outcome:
        """What becomes of a series of this kind, unless a better one of its study is chosen."""
        if self in (Kind.HEAD_CT, Kind.PICTURE):
            return Outcome.SCORED
        return Outcome.CAUTION if self in _CAUTION else Outcome.LEFT_OUT


_CAUTION = (
    Kind.SHIFTED_CT,
    Kind.STRIPPED_CT,
    Kind.UNKNOWN_UNIT,
    Kind.CONTRAST,
    Kind.BONE_KERNEL,
    Kind.REFORMAT,
    Kind.COLOUR,
    Kind.MR,
)
