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
    for step in _steps(transform):
        results = step.batch(results) if isinstance(step, BatchTransform) else [step(sample) for sample in results]
    return results


def try_batch(transform: Any, samples: Sequence[Any]) -> list[Any]:
    """Return what `transform_batch` does, with the error in the place of each sample that the transform refuses.

    Args:
        transform: see `transform_batch`.
        samples: likewise.

    Example:
        >>> try_batch(lambda sample: 1 / sample, [2, 0, 4])
        [0.5, ZeroDivisionError('division by zero'), 0.25]
    """
    results: list[Any] = list(samples)
    for step in _steps(transform):
        good = [index for index, each in enumerate(results) if not isinstance(each, Exception)]
        for index, result in zip(good, _try_step(step, [results[index] for index in good]), strict=True):
            results[index] = result
    return results


def _try_step(step: Any, samples: Sequence[Any]) -> list[Any]:
    if isinstance(step, BatchTransform) and len(samples) > 1:
        try:
            return step.batch(samples)
        except Exception:
            # One of them is at fault, which shows when each is taken alone.
            return [each for sample in samples for each in _try_step(step, [sample])]
    results: list[Any] = []
    for sample in samples:
        try:
            results.append(step(sample))
        except Exception as error:
            results.append(error)
    return results


def _steps(transform: Any) -> Sequence[Any]:
    return transform.flatten().transforms if isinstance(transform, Compose) else (transform,)
