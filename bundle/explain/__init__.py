"""Why the network said so: heat maps over the slice as it was read."""

from bundle.explain.gradcam import bleed_class, gradcam
from bundle.explain.overlay import display_grey, overlay
from bundle.explain.restore import restore

__all__ = ["bleed_class", "display_grey", "gradcam", "overlay", "restore"]
