"""Samples in a folder on the disk, one file each."""

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bundle.caching.record import from_record, to_record
from bundle.files import writable_folder, written_whole

logger = logging.getLogger(__name__)


class CacheFolder:
    """Samples by key in files of ``root/version/``, uncompressed, that are whole or not there.

    A file is written beside its place and moved there, so that a kill leaves no half of it; a checksum tells when a
    disk or a person damaged one. Where the disk is full, samples are no longer kept.

    Args:
        root: the folder of the cache; created when it is missing.
        version: what all samples depend on, see `bundle.caching.keys`; each version has a folder of its own.

    Raises:
        InputError: when the folder cannot be written.
    """

    def __init__(self, root: Path | str, version: str) -> None:
        self.path = writable_folder(Path(root) / version)
        others = [folder.name for folder in Path(root).iterdir() if folder.is_dir() and folder.name != version]
        if others:
            logger.info("%s also keeps %d other ways of preprocessing; delete what you do not need", root, len(others))
        self._full = False

    def file(self, key: str) -> Path:
        """Return where the sample of a key is or will be."""
        return self.path / key[:2] / f"{key}.sample"

    def read(self, key: str) -> dict[str, np.ndarray] | None:
        """Return the sample of a key, or None when it is not there or damaged."""
        try:
            return from_record(np.fromfile(self.file(key), dtype=np.uint8))
        except (OSError, ValueError):
            return None

    def write(self, key: str, sample: Mapping[str, np.ndarray]) -> None:
        """Keep a sample; where the disk is full, say so once and keep none any more."""
        if self._full:
            return
        file = self.file(key)
        try:
            file.parent.mkdir(exist_ok=True)
            with written_whole(file) as part:
                part.write_bytes(to_record(sample))
        except OSError as error:
            self._full = True
            logger.warning(
                "The cache %s is full (%s): further samples are computed again each time.", self.path, error.strerror
            )
