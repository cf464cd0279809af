"""Losses that keep the label contract: an unknown label never counts as 0."""

from bundle.losses.class_weights import class_weights
from bundle.losses.hemorrhage import HemorrhageLoss

__all__ = ["HemorrhageLoss", "class_weights"]
