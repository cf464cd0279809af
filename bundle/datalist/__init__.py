"""The datalist: the one JSON file from which training knows a dataset."""

from bundle.datalist.build import Leakage, PlaceSeen, build_datalist, build_datalists, bundle_version
from bundle.datalist.check import check_datalist
from bundle.datalist.collection import Collection, Skipped
from bundle.datalist.counts import count_rows, format_counts
from bundle.datalist.fingerprint import Fingerprint, make_fingerprint, read_fingerprints
from bundle.datalist.leakage import Leak, find_leaks
from bundle.datalist.mask_values import BRAIN
from bundle.datalist.near_duplicates import find_groups, near_pairs
from bundle.datalist.schema import SECTIONS, Row, find_problems, with_slices
from bundle.datalist.section import check_section, read_section
from bundle.datalist.seen import find_seen, read_seen
from bundle.datalist.split import FRACTIONS, check_plan, join_persons, split_rows
from bundle.datalist.storage import read_datalist, read_mask_values, write_datalist, write_table
from bundle.datalist.trained import find_trained

__all__ = [
    "BRAIN",
    "FRACTIONS",
    "SECTIONS",
    "Collection",
    "Fingerprint",
    "Leak",
    "Leakage",
    "PlaceSeen",
    "Row",
    "Skipped",
    "build_datalist",
    "build_datalists",
    "bundle_version",
    "check_datalist",
    "check_plan",
    "check_section",
    "count_rows",
    "find_groups",
    "find_leaks",
    "find_problems",
    "find_seen",
    "find_trained",
    "format_counts",
    "join_persons",
    "make_fingerprint",
    "near_pairs",
    "read_datalist",
    "read_fingerprints",
    "read_mask_values",
    "read_section",
    "read_seen",
    "split_rows",
    "with_slices",
    "write_datalist",
    "write_table",
]
