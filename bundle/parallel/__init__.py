"""Parallel work: the cores of a machine, one function over many items, and the processes of a distributed job.

What needs PyTorch is imported from its module: `bundle.parallel.processes`, `sampler` and `hardware`.
"""

from bundle.parallel.cores import available_cores
from bundle.parallel.journal import Journal, current_journal, keep_results
from bundle.parallel.map_files import map_files
from bundle.parallel.prefetched import prefetched
from bundle.parallel.process_pool import map_in_processes

__all__ = [
    "Journal",
    "available_cores",
    "current_journal",
    "keep_results",
    "map_files",
    "map_in_processes",
    "prefetched",
]
