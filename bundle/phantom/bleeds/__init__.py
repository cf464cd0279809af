"""The five subtypes of intracranial bleeds, each with its own shape."""

from bundle.phantom.bleeds.bleed import Bleed
from bundle.phantom.bleeds.draw import draw_bleeds, draw_subtypes
from bundle.phantom.bleeds.extra_axial import Epidural, FalxSubdural, Subdural, TentorialSubdural
from bundle.phantom.bleeds.intraparenchymal import Intraparenchymal
from bundle.phantom.bleeds.intraventricular import Intraventricular
from bundle.phantom.bleeds.subarachnoid import Subarachnoid

__all__ = [
    "Bleed",
    "Epidural",
    "FalxSubdural",
    "Intraparenchymal",
    "Intraventricular",
    "Subarachnoid",
    "Subdural",
    "TentorialSubdural",
    "draw_bleeds",
    "draw_subtypes",
]
