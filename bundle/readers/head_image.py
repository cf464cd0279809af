"""The reader that configs give to LoadImaged."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from monai.config import PathLike
from monai.data import ImageReader
from monai.utils import ensure_tuple

from bundle.readers.formats import image_format
from bundle.readers.head_files import HeadFiles


class HeadImageReader(ImageReader):
    """MONAI reader of head images: a DICOM slice or series, a NIfTI volume, a PNG or JPEG.

    What it reads and hands out is what `bundle.readers.head_files.HeadFiles` says.

    Example:
        >>> from monai.transforms import LoadImaged
        >>> load = LoadImaged(keys="image", reader=HeadImageReader, image_only=True)
    """

    def __init__(self) -> None:
        self._files = HeadFiles()

    def verify_suffix(self, filename: Sequence[PathLike] | PathLike) -> bool:
        """Return whether all paths are folders or files of a known format."""
        return all(path.is_dir() or image_format(path) is not None for path in self.read(filename))

    def read(self, data: Sequence[PathLike] | PathLike, **kwargs: Any) -> tuple[Path, ...]:
        """Return the paths as they are, for `get_data` to read.

        LoadImage answers an error raised here by trying MONAI's own readers, which would load the same file in another
        orientation and without HU; one raised in `get_data` ends the load.
        """
        return tuple(Path(path).expanduser() for path in ensure_tuple(data))

    def get_data(self, img: Sequence[Path]) -> tuple[np.ndarray, dict[str, Any]]:
        """Return the array of the paths that `read` gave, float32, and its meta.

        Raises:
            InputError: when a file is absent, empty, damaged, of an unknown format, or not an image that can be scored.
        """
        return self._files.read(img)
