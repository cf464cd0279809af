"""The commands a person types; each parses, calls the bundle and prints."""

import os

# OpenMP's threads wait busily for work unless told before PyTorch is imported, and so keep a core from its neighbours.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
