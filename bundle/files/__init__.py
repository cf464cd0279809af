"""Files and folders on the disk: whole or not there, and known by their content.

Weights are in `bundle.files.weights`, which alone of this room needs torch.
"""

from bundle.files.digest import file_sha256
from bundle.files.folders import require_folder, writable_folder
from bundle.files.whole import written_whole

__all__ = ["file_sha256", "require_folder", "writable_folder", "written_whole"]
