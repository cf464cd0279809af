"""What the numbers of an image mean; the reader writes it into the image's meta under `INTENSITY`."""

from enum import StrEnum

INTENSITY = "intensity"
"""Key of the image's meta that holds one of the values of `Intensity`."""


class Intensity(StrEnum):
    """Unit of an image's values."""

    HU = "HU"
    """Hounsfield units: CT from DICOM or NIfTI."""
    DISPLAY = "display"
    """Grey levels in [0, 255] as shown on a screen: an already windowed 8-bit PNG or JPEG."""
    ARBITRARY = "arbitrary"
    """No unit: MR, and images of more than 8 bits without a rescale to HU."""
