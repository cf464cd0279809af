"""Deterministic preprocessing done once: kept in memory or on the disk, and never met again when it is out of date."""

from bundle.caching.dataset import CachedDataset
from bundle.caching.folder import CacheFolder
from bundle.caching.keys import sample_key, transform_version

__all__ = ["CacheFolder", "CachedDataset", "sample_key", "transform_version"]
