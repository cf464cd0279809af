"""Draw bleeds: which, where, how large, how fresh."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from bundle.labels import SUBTYPES
from bundle.phantom.bleeds.bleed import Bleed
from bundle.phantom.bleeds.extra_axial import Epidural, FalxSubdural, Subdural, TentorialSubdural
from bundle.phantom.bleeds.intraparenchymal import Intraparenchymal
from bundle.phantom.bleeds.intraventricular import Intraventricular
from bundle.phantom.bleeds.subarachnoid import Subarachnoid
from bundle.phantom.noise import SmoothNoise
from bundle.phantom.shapes import Position

BLEEDING = 0.55
"""Share of the patients who bleed."""

_TOGETHER: Mapping[str, Mapping[str, float]] = {
    "epidural": {"subdural": 0.25, "subarachnoid": 0.3, "intraparenchymal": 0.25},
    "intraparenchymal": {"intraventricular": 0.4, "subarachnoid": 0.2, "subdural": 0.1},
    "intraventricular": {"intraparenchymal": 0.5, "subarachnoid": 0.25},
    "subarachnoid": {"intraventricular": 0.3, "subdural": 0.2, "intraparenchymal": 0.25},
    "subdural": {"subarachnoid": 0.3, "intraparenchymal": 0.2, "epidural": 0.1},
}
"""How often a patient with one bleed has another one too."""

Snap = Callable[[Position], Position]


def draw_subtypes(rng: np.random.Generator, first: str | None = None) -> tuple[str, ...]:
    """Draw which bleeds a patient has, in the order of `SUBTYPES`.

    Args:
        rng: source of chance.
        first: a subtype that the patient has; None for chance, which leaves ``1 - BLEEDING`` without any.
    """
    if first is None:
        if rng.random() >= BLEEDING:
            return ()
        first = SUBTYPES[rng.integers(len(SUBTYPES))]
    others = [name for name, share in _TOGETHER[first].items() if rng.random() < share]
    return tuple(name for name in SUBTYPES if name == first or name in others)


def draw_bleeds(
    rng: np.random.Generator, subtypes: Sequence[str], noise: SmoothNoise, snap: Snap, down: Position
) -> tuple[Bleed, ...]:
    """Draw the bleeds of a patient: of each of `subtypes` one or more.

    Args:
        rng: source of chance.
        subtypes: of `SUBTYPES`.
        noise: the patient's random field.
        snap: moves a place into the nearest slice.
        down: unit vector of gravity.
    """
    side = 1 if rng.random() < 0.5 else -1
    bleeds: list[Bleed] = []
    for subtype in subtypes:
        if subtype == "intraventricular":
            bleeds += _intraventricular(rng, side, down)
        else:
            bleeds += _DRAW[subtype](rng, side, noise, snap)
        # The blow often hits one side and its counter-blow the other.
        side = side if rng.random() < 0.6 else -side
    return tuple(bleeds)


def _hu(rng: np.random.Generator, low: float, high: float, subacute: float = 0.08) -> float:
    return rng.uniform(40, 47) if rng.random() < subacute else rng.uniform(low, high)


def _table(rng: np.random.Generator, side: int, y: tuple[float, float], z: tuple[float, float]) -> Position:
    """Draw a place on the inner table of one side."""
    back, up = rng.uniform(*y), rng.uniform(*z)
    return side * 67 * float(np.sqrt(max(1 - (back / 86) ** 2 - (up / 75) ** 2, 0.05))), back, up


def _epidural(rng: np.random.Generator, side: int, noise: SmoothNoise, snap: Snap) -> list[Bleed]:
    depth = float(np.clip(rng.lognormal(2.45, 0.45), 4, 28))
    radius = float(np.clip(22 + 1.1 * depth + rng.normal(0, 4), 18, 48))
    centre = snap(_table(rng, side, (-45, 50), (-2, 42)))
    shift = max(0.0, 0.4 * (depth - 8))
    return [Epidural(_hu(rng, 58, 84, 0.03), side, centre, radius, depth, shift, noise)]


def _subdural(rng: np.random.Generator, side: int, noise: SmoothNoise, snap: Snap) -> list[Bleed]:
    site = rng.random()
    bleeds: list[Bleed] = []
    if site < 0.72:
        depth = float(np.clip(rng.lognormal(1.9, 0.45), 2.6, 16))
        centre = snap(_table(rng, side, (-25, 30), (12, 35)))
        shift = max(0.0, 0.8 * (depth - 4))
        radius = rng.uniform(46, 74)
        bleeds.append(
            Subdural(_hu(rng, 52, 80, 0.18), side, centre, radius, depth, shift, noise, rng.uniform(0.1, 0.3), 6)
        )
    if site > 0.6:
        if rng.random() < 0.6:
            bleeds.append(FalxSubdural(_hu(rng, 55, 78, 0), side, rng.uniform(2.5, 7), rng.uniform(-70, 20), 70))
        else:
            bleeds.append(TentorialSubdural(_hu(rng, 52, 72, 0), side, rng.uniform(3, 6)))
    return bleeds


def _subarachnoid(rng: np.random.Generator, side: int, noise: SmoothNoise, snap: Snap) -> list[Bleed]:
    hu, widening = _hu(rng, 48, 72), rng.uniform(0.5, 1.4)
    if rng.random() < 0.45:
        # A burst aneurysm: cisterns and Sylvian fissures.
        centre = (side * rng.uniform(0, 14), rng.uniform(-20, -4), rng.uniform(-20, -8))
        return [Subarachnoid(hu, snap(centre), (rng.uniform(30, 55), rng.uniform(28, 46), 24), widening, noise)]
    # An injury: sulci of the convexity.
    x, y, z = _table(rng, side, (-50, 50), (0, 50))
    radius = rng.uniform(22, 42)
    return [Subarachnoid(hu, snap((0.85 * x, 0.9 * y, 0.9 * z)), (radius, radius, radius), widening, noise)]


def _intraparenchymal(rng: np.random.Generator, side: int, noise: SmoothNoise, snap: Snap) -> list[Bleed]:
    site = rng.random()
    size = float(np.clip(rng.lognormal(2.55, 0.42), 4.5, 26))
    places: list[Position]
    if site < 0.35:
        places = [(side * rng.uniform(18, 30), rng.uniform(-22, 4), rng.uniform(-2, 12))]
    elif site < 0.72:
        x, y, z = _table(rng, side, (-60, 60), (-5, 45))
        deep = max(0.45, rng.uniform(0.7, 0.82) - size / 120)
        places = [(deep * x, deep * y, deep * z)]
    elif site < 0.82:
        size = min(size, 14)
        places = [(side * rng.uniform(14, 30), rng.uniform(38, 58), -32)]
    elif site < 0.87:
        size = min(size, 7)
        places = [(rng.uniform(-5, 5), 8, -28)]
    else:
        # Contusions, where the brain slides over the rough floor of the fossae.
        size = min(size, 9)
        spots: list[Position] = [(18, -62, -8), (30, -58, -4), (44, -26, -22), (48, -4, -20)]
        chosen = rng.choice(len(spots), rng.integers(1, 4), replace=False)
        places = [(side * spots[i][0], spots[i][1], spots[i][2]) for i in chosen.tolist()]
    bleeds: list[Bleed] = []
    for place in places:
        a, b, c = (size * rng.uniform(0.8, 1.3, 3)).tolist()
        rim = rng.uniform(0.5, 3) + 0.25 * size
        bleeds.append(Intraparenchymal(_hu(rng, 54, 82), snap(place), (a, b, c), rim, noise))
    return bleeds


def _intraventricular(rng: np.random.Generator, side: int, down: Position) -> list[Bleed]:
    hu, site = _hu(rng, 52, 80), rng.random()
    if site < 0.6:
        return [Intraventricular(hu, "level", side, down, rng.uniform(12, 46))]
    bleeds: list[Bleed] = [Intraventricular(hu, "cast", side, down, 0)]
    if site > 0.78:
        bleeds.append(Intraventricular(hu, "midline", side, down, 0))
    return bleeds


_DRAW = {
    "epidural": _epidural,
    "intraparenchymal": _intraparenchymal,
    "subarachnoid": _subarachnoid,
    "subdural": _subdural,
}
