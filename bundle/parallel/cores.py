"""The processor cores that this process may use."""

import os


def available_cores() -> int:
    """Return their number, which a container or a batch system can make smaller than the machine's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
