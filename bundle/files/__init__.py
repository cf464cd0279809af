"""Files and folders on the disk: whole or not there, and known by their content.

Weights are in `bundle.files.weights`, which alone of this room needs torch.
"""

from bundle.files.csv_table import guarded, unguarded, write_csv
from bundle.files.digest import file_sha256
from bundle.files.folders import require_folder, writable_folder
from bundle.files.walk import display_name, walk_files
from bundle.files.whole import written_whole

__all__ = [
    "display_name",
    "file_sha256",
    "guarded",
    "require_folder",
    "unguarded",
    "walk_files",
    "writable_folder",
    "write_csv",
    "written_whole",
]
