"""What MONAI's engines are given besides networks, losses and handlers."""

from bundle.engines.unit_range import PrepareUnitRange, unit_range

__all__ = ["PrepareUnitRange", "unit_range"]
