"""Losses that keep the label contract: an unknown label never counts as 0."""

from bundle.losses.class_balance import class_weights
from bundle.losses.hemorrhage import HemorrhageLoss
from bundle.losses.with_lesion_maps import WithLesionMaps

__all__ = ["HemorrhageLoss", "WithLesionMaps", "class_weights"]
