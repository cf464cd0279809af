"""What each tissue looks like on CT and on MR."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Contrast = Literal["CT", "T1", "T2star"]
CONTRASTS: tuple[Contrast, ...] = get_args(Contrast)


@dataclass(frozen=True)
class Palette:
    """Value of each tissue: HU on CT, on MR the signal as a share of the brightest."""

    air: float
    skin: float
    fat: float
    muscle: float
    bone: float
    diploe: float
    dura: float
    csf: float
    grey: float
    white: float
    oedema: float
    vitreous: float
    lens: float
    calcification: float
    vessel: float
    table: float


PALETTES: Mapping[str, Palette] = {
    "CT": Palette(
        air=-1000, skin=35, fat=-95, muscle=55, bone=1350, diploe=520, dura=52, csf=6, grey=38, white=28.5,
        oedema=18, vitreous=8, lens=75, calcification=190, vessel=54, table=-150,
    ),
    "T1": Palette(
        air=0, skin=0.45, fat=0.95, muscle=0.42, bone=0.05, diploe=0.3, dura=0.3, csf=0.14, grey=0.46, white=0.66,
        oedema=0.36, vitreous=0.14, lens=0.3, calcification=0.3, vessel=0.12, table=0,
    ),
    "T2star": Palette(
        air=0, skin=0.4, fat=0.35, muscle=0.35, bone=0.03, diploe=0.1, dura=0.35, csf=0.92, grey=0.66, white=0.55,
        oedema=0.8, vitreous=0.92, lens=0.4, calcification=0.12, vessel=0.3, table=0,
    ),
}  # fmt: skip

BLOOMING = 0.8
"""Width in mm by which blood and calcification look larger on T2* than they are."""

_ACUTE = 50.0


def blood(contrast: Contrast, hu: float) -> float:
    """Return the value of blood of `hu` HU: dark on T2*, on T1 as bright as grey matter or, subacute, brighter."""
    if contrast == "CT":
        return hu
    if contrast == "T1":
        return 0.5 if hu > _ACUTE else 0.85
    return 0.08
