"""Judge a series: by the headers of its slices, or as a file without one."""

from collections.abc import Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
from pydicom.dataelem import RawDataElement

from bundle.gate.header_facts import HeaderFacts, read_facts
from bundle.gate.header_rules import ANISOTROPIC, find_kind
from bundle.gate.judgement import Finding, LeftOut, SeriesJudgement
from bundle.gate.kinds import Kind, Outcome
from bundle.gate.pixel_rules import find_colours, find_display_kind, find_empty, find_picture_kind, find_volume_kind
from bundle.intensity import Intensity
from bundle.readers.dicom_slice import DicomSlice
from bundle.readers.dicom_values import TAGS
from bundle.readers.formats import DICOMDIR
from bundle.readers.nifti import open_nifti, screen_geometry, voxels
from bundle.readers.raster import Picture, check_raster, colour_share, read_alpha, read_raster
from bundle.readers.voxel_unit import find_unit

_SPARSE = (40, 2048)
"""Pixels a byte, and bytes besides, up to which a picture may be empty or a mask; one of a head has 30 at most."""

_OF_SLICE = frozenset(int(TAGS[name]) for name in ("SOPInstanceUID", "ImagePositionPatient", "PixelData"))
_KEPT = 256
Header = tuple[int | bytes | None, ...]
_JUDGED: dict[Header, tuple[HeaderFacts, Finding]] = {}
"""Of the last headers, by their bytes."""


def judge_slice(dicom: DicomSlice) -> tuple[HeaderFacts, Finding]:
    """Return what the header of a slice says of it, and what it is.

    Most slices differ from the one before in their position alone, and their headers are not read again.

    Raises:
        InputError: when an element is there but cannot be used.
    """
    facts, finding = _judged(dicom)
    return facts.at(dicom.position) if facts.has_pixels else facts, finding


def _judged(dicom: DicomSlice) -> tuple[HeaderFacts, Finding]:
    """Return what the header says of a slice somewhere in its series."""
    header = _header_of_series(dicom)
    if header is not None and header in _JUDGED:
        return _JUDGED[header]
    facts = read_facts(dicom)
    judged = facts, find_kind(facts)
    if header is not None:
        if len(_JUDGED) >= _KEPT:
            _JUDGED.clear()
        _JUDGED[header] = judged
    return judged


def _header_of_series(dicom: DicomSlice) -> Header | None:
    """Return the elements of a header as bytes, but those that each slice has of its own; None where one is parsed."""
    elements: list[int | bytes | None] = []
    for element in dicom.dataset.values():
        if not isinstance(element, RawDataElement):
            return None
        if (tag := int(element.tag)) not in _OF_SLICE:  # pydicom's own type is slow to compare
            elements += (tag, element.value)
    return tuple(elements)


def require_scorable(dicom: DicomSlice) -> None:
    """Check that a slice need not be left out.

    Raises:
        InputError: as `judge_slice`; a `LeftOut` when its kind is one that is left out.
    """
    _, finding = _judged(dicom)
    _require(finding, dicom.path)


def require_volume(path: Path) -> None:
    """Check that a NIfTI volume need not be left out.

    Raises:
        InputError: as `judge_nifti`; a `LeftOut` when its kind is one that is left out.
    """
    judgement, _, _ = judge_nifti(path)
    _require(Finding(judgement.kind, judgement.reason), path)


def require_picture(path: Path) -> None:
    """Check that a PNG or JPEG need not be left out.

    Raises:
        InputError: as `judge_picture`; a `LeftOut` when its kind is one that is left out.
    """
    judgement = judge_picture(path)
    _require(Finding(judgement.kind, judgement.reason), path)


def judge_series(facts: Sequence[HeaderFacts], finding: Finding) -> SeriesJudgement:
    """Return the judgement of slices that belong together, see `bundle.gate.series_parts`.

    Args:
        facts: of the slices.
        finding: what they are.
    """
    first = facts[0]
    unit = first.rescale_type or ("HU" if first.modality == "CT" else str(Intensity.ARBITRARY))
    return SeriesJudgement(
        *(finding.kind, finding.kind.outcome, finding.reason),
        modality=first.modality,
        unit=unit if first.has_pixels else "",
        orientation=first.orientation,
        kernel=first.kernel,
        thickness=first.thickness,
        spacing=_spacing([each.position for each in facts if each.position is not None]),
        description=first.description,
    )


def judge_nifti(path: Path) -> tuple[SeriesJudgement, np.ndarray, int]:
    """Return the judgement of a NIfTI volume, its affine (RAS mm) and its number of slices, both as read.

    Raises:
        InputError: when it cannot be read.
    """
    image = open_nifti(path)
    values, _ = voxels(image, path)
    _, affine, (*_, depth) = screen_geometry(image)
    unit = find_unit(values)
    finding = find_volume_kind(values.reshape(image.shape[:3]), unit)
    sides = nib.affines.voxel_sizes(affine).round(4).tolist()
    if finding.kind is Kind.HEAD_CT and max(sides[:2]) > ANISOTROPIC * min(sides[:2]):
        plane = "coronal" if sides[0] > sides[1] else "sagittal"
        finding = Finding(Kind.REFORMAT, f"it is read across its {plane} slices")
    judgement = SeriesJudgement(
        *(finding.kind, finding.kind.outcome, finding.reason),
        modality="CT" if unit.intensity is Intensity.HU else "",
        unit=str(unit),
        orientation="axial" if _states_orientation(image) else "",
        thickness=sides[2],
        spacing=sides[2],
    )
    return judgement, affine, depth


def _states_orientation(image: nib.Nifti1Image) -> bool:
    """Return whether a volume says how the patient lay in it; else nibabel guesses, and flips left and right."""
    return bool(image.header["qform_code"] or image.header["sform_code"])


def judge_picture(path: Path) -> SeriesJudgement:
    """Return the judgement of a PNG or JPEG, of which only those are read whole that may show nothing, or colours.

    Raises:
        InputError: when it is damaged.
    """
    picture = check_raster(path)
    finding = (find_colours(colour_share(path)) if picture.has_colours else None) or _grey_kind(path, picture)
    return SeriesJudgement(*(finding.kind, finding.kind.outcome, finding.reason), unit=str(picture.intensity))


def _grey_kind(path: Path, picture: Picture) -> Finding:
    if picture.has_alpha or path.stat().st_size < picture.pixels / _SPARSE[0] + _SPARSE[1]:
        finding = find_picture_kind(read_raster(path)[0], picture.intensity, picture.is_lossy)
        if finding.kind is Kind.EMPTY and picture.has_alpha and find_empty(read_alpha(path)) is None:
            finding = Finding(Kind.EMPTY, "its picture is in its alpha channel; save it in grey")
        return finding
    return find_display_kind(picture.intensity)


def judge_other(path: Path) -> SeriesJudgement:
    """Return the judgement of a file that is no image by its format, see `bundle.readers.formats.image_format`."""
    index = path.name.lower() == DICOMDIR
    reason = "it is an index of DICOM files" if index else "it is no DICOM, NIfTI, PNG or JPEG file"
    return SeriesJudgement(Kind.NO_IMAGE, Kind.NO_IMAGE.outcome, reason)


def _require(finding: Finding, path: Path) -> None:
    if finding.kind.outcome is Outcome.LEFT_OUT:
        raise LeftOut(finding, path)


def _spacing(positions: Sequence[float]) -> float | None:
    steps = np.diff(np.unique(np.round(positions, 3)))
    return float(np.median(steps)) if len(steps) else None
