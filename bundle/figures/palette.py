"""Colours and dashes of lines."""

COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#0072B2", "#000000")
"""Okabe and Ito's palette (https://jfly.uni-koeln.de/color/)."""

DASHES = ("--", "-.", ":", (0, (6, 2, 1, 2, 1, 2)), (0, (8, 3)), "-")
"""They tell lines apart without any colour."""
