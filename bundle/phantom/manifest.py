"""What a set of phantoms was made with; it decides whether a folder may be written to."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bundle.errors import InputError
from bundle.files import writable_folder
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
    """

    patients: int = 60
    slices: int = 10
    size: int = 256
    seed: int = 0
    contrast: Contrast = "CT"

    def check(self) -> None:
        """Check the values.

        Raises:
            InputError: for an unknown contrast or a number out of range.
        """
        check_arguments(seed=self.seed, slices=self.slices, size=self.size, contrast=self.contrast)
        if type(self.patients) is not int or not 1 <= self.patients <= _MOST:
            raise InputError(f"patients must be a whole number from 1 to {_MOST}, got {self.patients!r}")

    def claim(self, folder: Path | str) -> Path:
        """Return `folder`, made when absent, after writing the manifest into it.

        Raises:
            InputError: when it cannot be written to, or holds anything but the set of this manifest.
        """
        folder = writable_folder(folder)
        file = folder / FILE_NAME
        text = json.dumps({"version": _VERSION, **asdict(self)}, indent=2) + "\n"
        if file.exists():
            if file.read_text(encoding="utf-8", errors="replace") != text:
                raise InputError(f"holds phantoms of other parameters, see {file}", "choose another folder", folder)
        elif any(folder.iterdir()):
            raise InputError("is not empty and holds no phantoms", "choose an empty or a new folder", folder)
        else:
            file.write_text(text, encoding="utf-8")
        return folder
