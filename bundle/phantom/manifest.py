"""What a set of phantoms was made with; it decides whether a folder may be written to."""

import json
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

from bundle.errors import InputError
from bundle.files import writable_folder
from bundle.phantom.conformant import Conformant
from bundle.phantom.contrast import Contrast
from bundle.phantom.head import check_arguments

FILE_NAME = "phantom.json"
_VERSION = 1
_MOST = 100_000


@dataclass(frozen=True)
class Manifest:
    """Parameters of a set of phantoms; the same ones give the same bytes.

    Attributes:
        patients: number of patients.
        slices: of each patient.
        size: rows and columns.
        seed: of the set.
        contrast: CT, T1 or T2star.
        conformant: what headers after the CT Image IOD hold; None writes those of the RSNA set, which are not complete.
    """

    patients: int = 60
    slices: int = 10
    size: int = 256
    seed: int = 0
    contrast: Contrast = "CT"
    conformant: Conformant | None = None

    @property
    def tilt(self) -> float | None:
        """Of the gantry in degrees; None for each patient's own."""
        return self.conformant.tilt if self.conformant else None

    def source(self, patient: int) -> tuple[object, ...]:
        """Return what decides on the files of a patient, from which identifiers are derived."""
        headers = astuple(self.conformant) if self.conformant else ()
        return (self.seed, self.slices, self.size, self.contrast, patient, *headers)

    def _parameters(self) -> dict[str, object]:
        parameters = asdict(self)
        # A set without it has the manifest that it had before there were any.
        return {name: value for name, value in parameters.items() if name != "conformant" or value is not None}

    def check(self) -> None:
        """Check the values.

        Raises:
            InputError: for an unknown name, a number out of range, or conformant headers of MR.
        """
        check_arguments(seed=self.seed, slices=self.slices, size=self.size, contrast=self.contrast)
        if type(self.patients) is not int or not 1 <= self.patients <= _MOST:
            raise InputError(f"patients must be a whole number from 1 to {_MOST}, got {self.patients!r}")
        if self.conformant:
            if self.contrast != "CT":
                raise InputError(
                    f"conformant headers are written of CT, not of {self.contrast}", "leave one of them out"
                )
            self.conformant.check()

    def claim(self, folder: Path | str) -> Path:
        """Return `folder`, made when absent, after writing the manifest into it.

        Raises:
            InputError: when it cannot be written to, or holds anything but the set of this manifest.
        """
        folder = writable_folder(folder)
        file = folder / FILE_NAME
        text = json.dumps({"version": _VERSION, **self._parameters()}, indent=2) + "\n"
        if file.exists():
            if file.read_text(encoding="utf-8", errors="replace") != text:
                raise InputError(f"holds phantoms of other parameters, see {file}", "choose another folder", folder)
        elif any(folder.iterdir()):
            raise InputError("is not empty and holds no phantoms", "choose an empty or a new folder", folder)
        else:
            file.write_text(text, encoding="utf-8")
        return folder
