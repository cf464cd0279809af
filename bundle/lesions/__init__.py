"""Where the bleed is: outlines that somebody drew."""

from bundle.lesions.lesion_map import LesionMapd
from bundle.lesions.outlines import lesion_of, read_outlines

__all__ = ["LesionMapd", "lesion_of", "read_outlines"]
