"""Stored values of a CT → HU."""

import numpy as np

AIR = -1024.0
"""HU of air and of everything outside the field of view; no value is lower."""

TWO_BYTES = 1 << 16
_NO_HU = 32767.0
"""HU above any."""
_BRIGHT = 300.0
"""HU of a border from which on it is neither air nor soft tissue."""
WRAPPED = TWO_BYTES - 3100
"""From here on an unsigned value of 16 bits is a negative one whose sign was lost: air, or what stands for no value."""


def stored_to_hu(
    stored: np.ndarray,
    *,
    bits: int,
    signed: bool,
    slope: float = 1.0,
    intercept: float = 0.0,
    padding: tuple[int, int] | None = None,
    inverted: bool = False,
) -> np.ndarray:
    """Return ``stored * slope + intercept`` in HU, float32, at least `AIR` (DICOM PS3.3 C.11.1.1.2).

    Padded pixels become `AIR`, and so do the values below it with which scanners mark what is outside the field of
    view (-2000, -1500).

    Three known kinds of wrong file are repaired:

    - Unsigned 12-bit values with an intercept near 0 are signed ones whose negative half wrapped around to 4095. They
      are unwrapped to -1000 … 3095 HU, as all winners of the RSNA 2019 challenge did after J. Howard's "Cleaning the
      data for rapid prototyping". Unsigned values with such an intercept could not hold air otherwise.
    - Unsigned 16-bit values from `WRAPPED` on are signed ones, 64512 is -1024, where they would be above 32,767 HU
      otherwise: a small slope spreads HU over all 16 bits.
    - MONOCHROME1 only says that low values are shown bright, so its HU are as any other's. But some files also
      have their stored values inverted; where the border of the image is bright, though around a head is air, the one
      of the two readings is taken whose border is the darker.

    Args:
        stored: integers as stored, [H, W].
        bits: BitsStored.
        signed: PixelRepresentation.
        slope: RescaleSlope.
        intercept: RescaleIntercept.
        padding: the least and the greatest stored value that stands for no value (PixelPaddingValue and
            PixelPaddingRangeLimit, PS3.3 C.7.5.1.1.2).
        inverted: whether the photometric interpretation is MONOCHROME1.
    """
    outside = None
    if padding is not None:
        outside = (stored >= padding[0]) & (stored <= padding[1])
    if bits == 12 and not signed and slope == 1 and intercept > -100:
        stored, intercept = (stored + 1000) % 4096, -1000.0
    hu = stored.astype(np.float32)
    may_wrap = bits == 16 and not signed and not inverted and WRAPPED * slope + intercept > _NO_HU
    if may_wrap and stored.max(initial=0) >= WRAPPED:
        hu[stored >= WRAPPED] -= TWO_BYTES
    if slope != 1:
        hu *= np.float32(slope)
    hu += np.float32(intercept)
    if inverted and _border(hu) > _BRIGHT:
        low, high = stored_range(bits, signed)
        other = (low + high) * slope + 2 * intercept - hu
        hu = min(hu, other, key=_border)
    if outside is not None:
        hu[outside] = AIR
    if hu.min(initial=AIR) < AIR:  # looking takes half the time
        np.maximum(hu, np.float32(AIR), out=hu)
    return hu


def stored_range(bits: int, signed: bool) -> tuple[int, int]:
    """Return the least and the greatest value of `bits` bits, in two's complement when `signed`."""
    low = -(1 << bits - 1) if signed else 0
    return low, low + (1 << bits) - 1


def _border(image: np.ndarray) -> float:
    return float(np.median(np.concatenate((image[0], image[-1], image[:, 0], image[:, -1]))))
