"""One slice of a volume, an array of NumPy or a tensor of PyTorch."""

from typing import Any, TypeVar

from bundle.errors import InputError

Array = TypeVar("Array", bound=Any)


def take_slice(volume: Array, index: int | None, name: Any, slice_key: str = "slice") -> Array:
    """Return a slice of a volume, [..., H, W, D] → [..., H, W].

    Args:
        volume: of D slices.
        index: of the slice; None for the one slice of a volume that has no other.
        name: of the file, for the sentence.
        slice_key: of the row's index, for the sentence.

    Raises:
        InputError: when no slice is named, or one outside the volume.
    """
    depth = volume.shape[-1]
    if index is None and depth > 1:
        raise InputError(f"is a volume of {depth} slices", f"give the row a {slice_key!r}", name)
    index = int(index or 0)
    if not 0 <= index < depth:
        raise InputError(f"has the slices 0 to {depth - 1}, not {index}", "correct the row's slice", name)
    return volume[..., index]
