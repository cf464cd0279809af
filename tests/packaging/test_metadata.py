import ast
import json
import re
import sys
from importlib.metadata import distributions, packages_distributions, requires

import pytest

from bundle.errors import InputError
from bundle.packaging import check_metadata

IMAGE, PRED = "network_data_format#inputs#image", "network_data_format#outputs#pred"
OF_THEIR_OWN = {"monai", "numpy", "torch"}
"""Packages with keys of their own in the metadata."""
INSTALLED = {distribution.name for distribution in distributions()}
BY_NAME = {"pyjpegls", "pylibjpeg", "pylibjpeg-openjpeg", "python-gdcm"}
"""Decoders that pydicom finds by their names, so that nothing imports them."""


def test_the_repository_s_metadata_are_sound(root):
    metadata = check_metadata(root)
    assert metadata == json.loads((root / "configs" / "metadata.json").read_text())


@pytest.mark.parametrize(
    ("file", "key", "value", "sentence"),
    [
        ("metadata", "version", "9.0.0", r"no version 9\.0\.0 in its changelog"),
        ("metadata", "version", "1", "must be three numbers"),
        ("metadata", f"{IMAGE}#num_channels", 1, "num_channels of image is 1, and configs/train.json 3"),
        ("metadata", f"{IMAGE}#channel_def", {"0": "grey"}, "size of channel_def of image is 1"),
        ("metadata", f"{IMAGE}#spatial_shape", [64, 64], r"spatial_shape of image is \[64, 64\]"),
        ("metadata", f"{PRED}#num_channels", 2, "num_channels of pred is 2, and configs/train.json 6"),
        ("metadata", f"{PRED}#channel_def#1", "subdural", "channel_def of pred"),
        ("metadata", f"{PRED}#spatial_shape", [1, 2], "spatial_shape of pred"),
        ("metadata", "pytorch_version", "2.0.0", r"pytorch_version is '2\.0\.0', and requirements\.txt"),
        ("metadata", "required_packages_version#pydicom", "2.4.4", "required_packages_version of pydicom"),
        ("metadata", "required_packages_version#nowhere", "1.0", r"nowhere is '1\.0', and requirements\.txt None"),
        ("train", "image_size", 128, r"and configs/train\.json \[128, 128\]"),
        ("inference", "windows", [[40, 80]], r"and configs/inference\.json 1"),
        ("inference", "task", "binary", r"and configs/inference\.json 2"),
    ],
)
def test_a_contradiction_is_refused(bundle_root, change, file, key, value, sentence):
    change(file, key, value)
    with pytest.raises(InputError, match=sentence):
        check_metadata(bundle_root)


def test_what_is_missing_or_no_json_is_named(bundle_root):
    metadata = bundle_root / "configs" / "metadata.json"
    text = metadata.read_text()
    metadata.write_text(text.replace('"changelog"', '"log"'))
    with pytest.raises(InputError, match="lacks the key 'changelog'"):
        check_metadata(bundle_root)
    metadata.write_text(text[:-5])
    with pytest.raises(InputError, match=r"metadata\.json is no JSON"):
        check_metadata(bundle_root)
    metadata.write_text(text)
    for name in ("requirements.txt", "configs/train.json"):
        (bundle_root / name).rename(bundle_root / f"{name}.away")
        with pytest.raises(InputError, match=f"{name} cannot be read"):
            check_metadata(bundle_root)
        (bundle_root / f"{name}.away").rename(bundle_root / name)


def imported_packages(root):
    """Return the packages of which the bundle's code imports a module."""
    modules = set()
    for folder in ("bundle", "scripts"):
        for file in (root / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Import):
                    modules |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    modules.add(node.module.split(".")[0])
    packages = packages_distributions()
    return {packages[module][0] for module in modules - sys.stdlib_module_names - {"bundle", "scripts"}}


def needed_by(packages):
    """Return the packages that some need, directly or not, without extras."""
    found, left = set(), list(packages)
    while left:
        lines = [line for line in requires(left.pop()) or [] if "extra ==" not in line]
        names = {re.match(r"[\w.-]+", line)[0].replace("_", "-") for line in lines} - found
        found |= names
        left += [name for name in names if name in INSTALLED]
    return found


def test_the_packages_are_those_that_the_code_needs(root):
    metadata = check_metadata(root)
    deploy = {
        line.split("==")[0] for line in (root / "requirements-deploy.txt").read_text().splitlines() if "==" in line
    }
    direct = deploy & imported_packages(root)
    assert {"highdicom", "pynetdicom", "dicomweb-client"} <= direct
    assert deploy - direct <= needed_by(direct), "what is pinned besides is needed by what is imported"
    required = (imported_packages(root) | BY_NAME) - OF_THEIR_OWN - deploy
    assert set(metadata["required_packages_version"]) == required


def test_an_app_is_named_with_the_version_that_its_lock_file_pins(root):
    lock = root / "requirements-label.txt"
    apps = {}
    if lock.exists():
        pinned = dict(line.split("==") for line in lock.read_text().split() if "==" in line)
        apps["monai-label"] = pinned["monailabel"]
    assert check_metadata(root)["supported_apps"] == apps
