"""How the tests' networks are shown slices."""

from bundle.predictions import View

VIEW = View(32, [[40, 80]] * 3, mask=True, mirrored=False, standardise=True, slice_smoothing=4.0)
