"""Atomic writes: a file appears complete or not at all."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path | str) -> Iterator[Path]:
    """Yield a path in the same folder, to write to; what is there when the block ends takes the place of `path`.

    Where the block fails, the earlier file stays as it was; a kill at any moment leaves the earlier or the new file
    whole. The yielded name is hidden, ends in ``.part`` and is no other writer's, of this machine or another.

    Raises:
        OSError: when the file cannot be written or replaced.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
