"""What gave the answer: the software, the weights, and what they ran with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bundle.dicom_results.identity import digest

NAME = "brain_hemorrhage_classification"
MANUFACTURER = "brain hemorrhage bundle"
_SHORT = 12
"""Hexadecimal digits by which weights are named."""
_LONGEST = 64
"""Characters of a Long String."""


@dataclass(frozen=True)
class Algorithm:
    """An installation of the bundle with its weights.

    Attributes:
        version: of the bundle.
        weights: SHA-256 of the checkpoint, hexadecimal.
        parameters: name → value of what changes the answer, as threshold and image size.
        method: how heat maps are made, one of `bundle.explain.METHODS`.
        station: name of the installation, from which its device UID is derived.
    """

    version: str
    weights: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    method: str = "gradcam"
    station: str = "BRAIN_CT_AI"

    @property
    def model(self) -> str:
        """Name of the weights."""
        return f"model {self.weights[:_SHORT]}"

    @property
    def versions(self) -> list[str]:
        """SoftwareVersions."""
        return [self.version[:_LONGEST], self.model]

    @property
    def settings(self) -> list[str]:
        """Algorithm Parameters (111002, DCM), a text each."""
        return [self.model, *(f"{name} {value}" for name, value in self.parameters.items())]

    @property
    def digest(self) -> str:
        """Of all that the answer depends on, but the images."""
        return digest(self.version, self.weights, self.method, self.station, dict(self.parameters))
