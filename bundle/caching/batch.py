"""A chain of transforms over several samples at a time."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from monai.transforms import Compose


@runtime_checkable
class BatchTransform(Protocol):
    """A transform that is quicker over several samples than over one after the other."""

    def batch(self, samples: Sequence[Mapping[Any, Any]]) -> list[dict[Any, Any]]:
        """Return what the transform returns for each of the samples."""
        ...


def transform_batch(transform: Any, samples: Sequence[Mapping[Any, Any]]) -> list[Any]:
    """Return ``[transform(sample) for sample in samples]``, with each `BatchTransform` of a chain called once.

    Args:
        transform: a callable; a `Compose` is taken apart.
        samples: what the transform takes, one each.

    Example:
        >>> transform_batch(Compose([lambda sample: {**sample, "age": 50}]), [{"image": 1}, {"image": 2}])
        [{'image': 1, 'age': 50}, {'image': 2, 'age': 50}]
    """
    results: list[Any] = list(samples)
    for step in transform.flatten().transforms if isinstance(transform, Compose) else (transform,):
        results = step.batch(results) if isinstance(step, BatchTransform) else [step(sample) for sample in results]
    return results
