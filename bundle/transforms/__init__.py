"""Transforms of a slice, from the reader's image to the network's input; one a file."""

from bundle.preprocessing import DEFAULT_WINDOWS, normalise, window_hu
from bundle.transforms.brain_mask import BrainMask, BrainMaskd
from bundle.transforms.crop_to_mask import CropToMaskd
from bundle.transforms.fit_square import FitSquare, FitSquared
from bundle.transforms.judge_slice import JudgeSliced, judging, read_and_see
from bundle.transforms.lesion_map import LesionMapd
from bundle.transforms.rand_bleed import RandBleedd
from bundle.transforms.rand_display_window import RandDisplayWindowd
from bundle.transforms.select_slice import SelectSliced
from bundle.transforms.unit_range import unit_range
from bundle.transforms.window import Window, Windowd

__all__ = [
    "DEFAULT_WINDOWS",
    "BrainMask",
    "BrainMaskd",
    "CropToMaskd",
    "FitSquare",
    "FitSquared",
    "JudgeSliced",
    "LesionMapd",
    "RandBleedd",
    "RandDisplayWindowd",
    "SelectSliced",
    "Window",
    "Windowd",
    "judging",
    "normalise",
    "read_and_see",
    "unit_range",
    "window_hu",
]
