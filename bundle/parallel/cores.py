"""The processor cores that this process may use."""

import joblib


def available_cores() -> int:
    """Return their number, which a batch system's affinity or a container's quota can make smaller than the machine's.

    The environment variable ``LOKY_MAX_CPU_COUNT`` makes it smaller still.
    """
    return joblib.cpu_count(only_physical_cores=False)
