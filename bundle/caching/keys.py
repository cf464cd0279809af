"""What a cached sample depends on, as a digest: the transforms, their code and weights, and the image file."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import torch
from torch import nn

import bundle
from bundle.errors import InputError
from bundle.files import file_sha256

_CODE = ("intensity.py", "preprocessing", "readers", "transforms")
_PACKAGES = ("monai", "nibabel", "numpy", "pillow", "pydicom", "scipy", "torch")


def transform_version(transform: Any) -> str:
    """Return a digest of a deterministic transform: the same for equal parameters, weights and code, in any process.

    An object is described by its class and by its state, as pickling would take it. A network counts by its
    architecture, a `Path` by the contents of its file, and a random state not at all. The code of the readers and
    transforms, and the versions of the packages that decode and resample, are part of it.

    Raises:
        InputError: when a file is missing.
        TypeError: for an object that cannot be described.
    """
    digest = hashlib.sha256(_code().encode())
    for part in _describe(transform, ()):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:16]


def sample_key(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return a digest of what a row's sample is made of.

    A text that is the path of a file counts with the file's size and time of change, the path of a folder with those
    of the files in it.

    Args:
        row: a row of the datalist.
        names: keys of the row that the transform reads; one that is absent counts as such.
    """
    digest = hashlib.sha256()
    for name in names:
        value = row.get(name)
        digest.update(f"{name}={value!r}\0".encode())
        if isinstance(value, str | Path) and (path := Path(value)).exists():
            for file in sorted(path.iterdir()) if path.is_dir() else [path]:
                status = file.stat()
                digest.update(f"{file.name} {status.st_size} {status.st_mtime_ns}\0".encode())
    return digest.hexdigest()[:32]


@cache
def _code() -> str:
    root = Path(bundle.__file__).parent
    files = [file for name in _CODE for file in ([root / name] if name.endswith(".py") else (root / name).glob("*.py"))]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files)))
    return " ".join([digest.hexdigest(), *(f"{name} {version(name)}" for name in _PACKAGES)])


def _describe(value: Any, inside: tuple[int, ...]) -> Iterator[str]:
    if id(value) in inside:
        return
    inside = (*inside, id(value))
    match value:
        case None | bool() | int() | float() | complex() | str() | bytes() | torch.dtype() | torch.device():
            yield repr(value)
        case Enum():
            yield str(value)
        case Path():
            yield _contents(value)
        case nn.Module():
            yield str(value)
        case np.random.RandomState() | np.random.Generator():
            pass
        case np.ndarray() | np.generic() | torch.Tensor():
            array = np.asarray(value)
            yield f"{array.dtype} {array.shape} {hashlib.sha256(array.tobytes()).hexdigest()}"
        case type():
            yield f"{value.__module__}.{value.__qualname__}"
        case FunctionType():
            yield f"{value.__module__}.{value.__qualname__} {value.__code__.co_code!r}"
            yield from _describe([value.__code__.co_names, value.__defaults__, *_constants(value)], inside)
        case Mapping():
            for key in sorted(value, key=str):
                yield from _describe([key, value[key]], inside)
        case list() | tuple():
            yield f"{type(value).__name__} {len(value)}"
            for item in value:
                yield from _describe(item, inside)
        case set() | frozenset():
            yield from sorted(text for item in value for text in _describe(item, inside))
        case _:
            yield from _describe(type(value), inside)
            state = value.__getstate__()
            if state is None and not isinstance(value, slice | range):
                return
            yield from _describe(repr(value) if state is None else state, inside)


def _constants(function: FunctionType) -> list[Any]:
    held = [cell.cell_contents for cell in function.__closure__ or ()]
    return [constant for constant in function.__code__.co_consts if not hasattr(constant, "co_code")] + held


def _contents(path: Path) -> str:
    try:
        return file_sha256(path)
    except OSError as error:
        problem = f"cannot be read ({error.strerror}), and the cache depends on it"
        raise InputError(problem, "check the path", path) from None
