"""How far probabilities may be from those that they should be."""

MAX_DIFFERENCE = 1e-4
"""Of a file in float32, at most."""
MAX_P95 = 0.03
"""Of P(any) of a file in int8, in the 95th percentile."""
