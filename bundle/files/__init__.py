"""Files and folders on the disk: whole or not there, and known by their content.

Weights are in `bundle.files.weights`, which alone of this room needs torch.
"""

from bundle.files.csv_table import guarded, unguarded, write_csv
from bundle.files.digest import file_sha256
from bundle.files.folders import require_folder, writable_folder
from bundle.files.second_reader import SecondReader, find_second_reader, model_name, model_sha256, write_second_reader
from bundle.files.walk import display_name, walk_files
from bundle.files.whole import written_whole

__all__ = [
    "SecondReader",
    "display_name",
    "file_sha256",
    "find_second_reader",
    "guarded",
    "model_name",
    "model_sha256",
    "require_folder",
    "unguarded",
    "walk_files",
    "writable_folder",
    "write_csv",
    "write_second_reader",
    "written_whole",
]
