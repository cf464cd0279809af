"""The datalist: the one JSON file from which training knows a dataset."""

from bundle.datalist.build import Collection, Skipped, build_datalist
from bundle.datalist.check import check_datalist
from bundle.datalist.counts import count_rows, format_counts
from bundle.datalist.fingerprint import Fingerprint, read_fingerprint
from bundle.datalist.leakage import find_leakage
from bundle.datalist.near_duplicates import find_conflicts, find_groups
from bundle.datalist.schema import SECTIONS, Row, find_problems
from bundle.datalist.section import read_section
from bundle.datalist.split import split_rows
from bundle.datalist.storage import read_datalist, write_datalist, write_skipped

__all__ = [
    "SECTIONS",
    "Collection",
    "Fingerprint",
    "Row",
    "Skipped",
    "build_datalist",
    "check_datalist",
    "count_rows",
    "find_conflicts",
    "find_groups",
    "find_leakage",
    "find_problems",
    "format_counts",
    "read_datalist",
    "read_fingerprint",
    "read_section",
    "split_rows",
    "write_datalist",
    "write_skipped",
]
