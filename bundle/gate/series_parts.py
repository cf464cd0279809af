"""Which slices of one SeriesInstanceUID belong together.

A series is of one patient, plane, kernel and time by the standard. Files that break it, by a faulty export or by
scanners that put two reconstructions or all time points into one series, are taken apart here.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

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
    "person": lambda facts: facts.person,
    "rescale": lambda facts: facts.rescale,
    "time point": lambda facts: facts.time_point,
    "acquisition": lambda facts: facts.acquisition,
    "description": lambda facts: facts.description,
    "thickness": lambda facts: facts.thickness,
    "matrix": lambda facts: facts.matrix,
}
"""What parts stacks of slices that lie in the same place; elsewhere an acquisition is a step of the table, and the
thickness changes from base to vertex."""

_APART = ("person", "rescale", "time point", "acquisition")
"""What no other part stands for, though it shows the same place."""
_NUMBERED = ("patient", "person", "plane", "matrix", "rescale")
"""What is named by a number: a patient's ID must not go into results."""


class Part(NamedTuple):
    """Slices of a series that belong together."""

    name: str
    """What sets it apart, "" where nothing does."""
    members: list[int]
    again: bool = False
    """Whether another part shows the same place at another time, or in another head."""


def split_series(facts: Sequence[HeaderFacts], kinds: Sequence[Kind]) -> list[Part]:
    """Return the parts of a series.

    Args:
        facts: of N slices of one SeriesInstanceUID.
        kinds: what each of them is.

    Example:
        >>> soft, bone = HeaderFacts(kernel="H31s"), HeaderFacts(kernel="H60s")
        >>> [(part.name, part.members) for part in split_series([soft, bone, soft], [Kind.HEAD_CT] * 3)]
        [('kernel H31s', [0, 2]), ('kernel H60s', [1])]
    """
    parts = [Part("", list(range(len(facts))))] if facts else []
    parts = _split(parts, "plane", _planes(facts))
    for name, value in _ALWAYS.items():
        parts = _split(parts, name, [value(each) for each in facts])
    parts = _split(parts, "", kinds)
    for name, value in _WHERE_STACKS_OVERLAP.items():
        values = [value(each) for each in facts]
        parts = [
            part
            for whole in parts
            for part in (_split([whole], name, values) if _overlaps(facts, values, whole.members) else [whole])
        ]
    return parts


def _split(parts: Sequence[Part], name: str, values: Sequence[Hashable]) -> list[Part]:
    result = []
    for part in parts:
        groups: dict[Hashable, list[int]] = {}
        for index in part.members:
            groups.setdefault(values[index], []).append(index)
        if len(groups) < 2:
            result.append(part)
            continue
        for number, (value, members) in enumerate(groups.items(), start=1):
            text = f"{name} {number if name in _NUMBERED else value or 'unknown'}".strip()
            again = part.again or name in _APART
            result.append(Part(", ".join(filter(None, (part.name, text))), members, again))
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


def _overlaps(facts: Sequence[HeaderFacts], values: Sequence[Hashable], members: Sequence[int]) -> bool:
    """Return whether slices that differ in a value lie as stacks in the same place."""
    stacks: dict[Hashable, list[float]] = {}
    for index in members:
        if (position := facts[index].position) is not None:
            stacks.setdefault(values[index], []).append(position)
    if len(stacks) < 2:
        return False
    every = np.concatenate(list(stacks.values()))
    extent, of_stacks = np.ptp(every), sum(np.ptp(each) for each in stacks.values())
    places = sum(len(np.unique(np.round(each, 1))) for each in stacks.values())
    return bool(of_stacks > _OVERLAP * extent or places > _OVERLAP * len(np.unique(np.round(every, 1))))
