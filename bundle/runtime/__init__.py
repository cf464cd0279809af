"""Exported files → probabilities; neither PyTorch nor MONAI is imported here."""
