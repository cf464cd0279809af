"""On what something was computed, in words."""

import platform
from pathlib import Path

import torch

from bundle.parallel.cores import available_cores


def describe_device(device: torch.device | str) -> str:
    """Return the name of a GPU, or of the processor with how many cores this process may use."""
    device = torch.device(device)
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    cores = available_cores()
    return f"{_processor()}, {cores} {'core' if cores == 1 else 'cores'}"


def _processor() -> str:
    # platform.processor() is empty, or the architecture alone, on Linux.
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name" and value.strip():
                return value.strip()
    return platform.processor() or platform.machine()
