"""Which slices of one SeriesInstanceUID belong together.

A series is of one patient, plane, kernel and time by the standard. Files that break it, by a faulty export or by
scanners that put two reconstructions or all time points into one series, are taken apart here.
"""

from collections.abc import Callable, Hashable, Sequence

import numpy as np

from bundle.gate.header_facts import HeaderFacts
from bundle.gate.kinds import Kind

_SAME_PLANE = 0.996
"""Cosine of 5°, by which the tilt of one acquisition may vary."""
_OVERLAP = 1.5
"""How many times as long as all together the stacks must be that lie side by side: two, less what one lacks."""

_ALWAYS: dict[str, Callable[[HeaderFacts], Hashable]] = {
    "patient": lambda facts: facts.patient,
    "kernel": lambda facts: facts.kernel,
}
"""What parts slices wherever it differs."""
_WHERE_STACKS_OVERLAP: dict[str, Callable[[HeaderFacts], Hashable]] = {
    "time point": lambda facts: facts.time_point,
    "acquisition": lambda facts: facts.acquisition,
    "description": lambda facts: facts.description,
    "thickness": lambda facts: facts.thickness,
    "matrix": lambda facts: facts.matrix,
}
"""What parts stacks of slices that lie in the same place; elsewhere an acquisition is a step of the table, and the
thickness changes from base to vertex."""


def split_series(facts: Sequence[HeaderFacts], kinds: Sequence[Kind]) -> list[tuple[str, list[int]]]:
    """Return the parts of a series, each with what sets it apart and its slices' indices.

    Args:
        facts: of N slices of one SeriesInstanceUID.
        kinds: what each of them is.

    Example:
        >>> soft, bone = HeaderFacts(kernel="H31s"), HeaderFacts(kernel="H60s")
        >>> split_series([soft, bone, soft], [Kind.HEAD_CT] * 3)
        [('kernel H31s', [0, 2]), ('kernel H60s', [1])]
    """
    parts = [("", list(range(len(facts))))]
    parts = _split(parts, "", kinds)
    parts = _split(parts, "plane", _planes(facts))
    for name, value in _ALWAYS.items():
        parts = _split(parts, name, [value(each) for each in facts])
    for name, value in _WHERE_STACKS_OVERLAP.items():
        parts = [
            part
            for whole in parts
            for part in (
                _split([whole], name, [value(each) for each in facts]) if _overlaps(facts, whole, value) else [whole]
            )
        ]
    return parts


def _split(parts: list[tuple[str, list[int]]], name: str, values: Sequence[Hashable]) -> list[tuple[str, list[int]]]:
    result = []
    for label, members in parts:
        groups: dict[Hashable, list[int]] = {}
        for index in members:
            groups.setdefault(values[index], []).append(index)
        for number, (value, indices) in enumerate(groups.items(), start=1):
            # A patient's ID must not go into results.
            text = f"{name} {number if name in ('patient', 'plane', 'matrix') else value or 'unknown'}".strip()
            added = [text] if len(groups) > 1 else []
            result.append((", ".join([*filter(None, [label]), *added]), indices))
    return result


def _planes(facts: Sequence[HeaderFacts]) -> list[int]:
    """Return for each slice the number of its plane."""
    normals: list[tuple[float, ...] | None] = []
    planes = []
    for each in facts:
        known = (number for number, normal in enumerate(normals) if _same_plane(normal, each.normal))
        plane = next(known, len(normals))
        if plane == len(normals):
            normals.append(each.normal)
        planes.append(plane)
    return planes


def _same_plane(a: tuple[float, ...] | None, b: tuple[float, ...] | None) -> bool:
    if a is None or b is None:
        return a is b
    return abs(sum(x * y for x, y in zip(a, b, strict=True))) > _SAME_PLANE


def _overlaps(
    facts: Sequence[HeaderFacts], part: tuple[str, list[int]], value: Callable[[HeaderFacts], Hashable]
) -> bool:
    """Return whether slices that differ in a value lie as stacks in the same place."""
    stacks: dict[Hashable, list[float]] = {}
    for index in part[1]:
        if (position := facts[index].position) is not None:
            stacks.setdefault(value(facts[index]), []).append(position)
    if len(stacks) < 2:
        return False
    every = np.concatenate(list(stacks.values()))
    extent, of_stacks = np.ptp(every), sum(np.ptp(each) for each in stacks.values())
    places = sum(len(np.unique(np.round(each, 1))) for each in stacks.values())
    return bool(of_stacks > _OVERLAP * extent or places > _OVERLAP * len(np.unique(np.round(every, 1))))
