import json
import shutil

import pytest

from bundle.packaging import find_files


@pytest.fixture
def bundle_root(checkout, tmp_path):
    """A copy of what belongs to the package, and nothing else."""
    folder = tmp_path / "bundle_root"
    for name in find_files(checkout):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(checkout / name, folder / name)
    return folder


@pytest.fixture
def change(bundle_root):
    """Change what stands in one of the copy's JSON files under a key such as ``a#b``."""

    def change(file, key, value):
        path = bundle_root / "configs" / f"{file}.json"
        content = json.loads(path.read_text())
        *parents, last = key.split("#")
        inner = content
        for parent in parents:
            inner = inner[parent]
        inner[last] = value
        path.write_text(json.dumps(content))

    return change
