"""Deterministic preprocessing done once: kept in memory or on the disk, and never met again when it is out of date."""

from bundle.caching.dataset import CachedDataset
from bundle.caching.fingerprint import fingerprint, row_key
from bundle.caching.folder import CacheFolder

__all__ = ["CacheFolder", "CachedDataset", "fingerprint", "row_key"]
