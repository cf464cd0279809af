"""Whether configs/metadata.json says what the configs, the labels and the lock file say."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bundle.errors import InputError
from bundle.labels import class_names

METADATA = "configs/metadata.json"
CONFIGS = ("configs/train.json", "configs/inference.json")
LOCK = "requirements.txt"
VERSIONS = {"monai_version": "monai", "pytorch_version": "torch", "numpy_version": "numpy"}
"""Keys of the metadata for the packages that are no entry of ``required_packages_version``."""


def check_metadata(root: Path) -> dict[str, Any]:
    """Return the metadata of the bundle folder `root`, checked against what else is there.

    Raises:
        InputError: when the version is missing from the changelog; when the channels, the classes or the spatial
            shape are not those of the training and inference configs; when the version of a package is not the lock
            file's; when a file or a key is missing.
    """
    metadata = _read_json(root / METADATA)
    try:
        _check_version(metadata)
        for config in CONFIGS:
            _check_data_format(metadata["network_data_format"], _read_json(root / config), config)
        _check_packages(metadata, _read_lock(root / LOCK))
    except KeyError as error:
        raise InputError(f"{METADATA} or one of {', '.join(CONFIGS)} lacks the key {error}", "add it") from None
    return metadata


def _check_version(metadata: Mapping[str, Any]) -> None:
    version = str(metadata["version"])
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise InputError(f"has the version {version!r}, which must be three numbers, as 0.1.0", file=METADATA)
    if version not in metadata["changelog"]:
        raise InputError(f"has no version {version} in its changelog", "say there what is new", METADATA)


def _check_data_format(formats: Mapping[str, Any], config: Mapping[str, Any], name: str) -> None:
    image, pred = formats["inputs"]["image"], formats["outputs"]["pred"]
    windows, classes = len(config["windows"]), list(class_names(config["task"]))
    _agree("num_channels of image", image["num_channels"], windows, name)
    _agree("the size of channel_def of image", len(image["channel_def"]), windows, name)
    _agree("spatial_shape of image", image["spatial_shape"], [config["image_size"]] * 2, name)
    _agree("num_channels of pred", pred["num_channels"], len(classes), name)
    _agree("channel_def of pred", pred["channel_def"], {str(place): each for place, each in enumerate(classes)}, name)
    _agree("spatial_shape of pred", pred["spatial_shape"], [1, len(classes)], name)


def _check_packages(metadata: Mapping[str, Any], locked: Mapping[str, str]) -> None:
    for key, package in VERSIONS.items():
        _agree(key, metadata[key], locked.get(package), LOCK)
    for package, version in metadata["required_packages_version"].items():
        _agree(f"required_packages_version of {package}", version, locked.get(package), LOCK)


def _agree(what: str, stated: Any, other: Any, where: str) -> None:
    if stated != other:
        raise InputError(f"says that {what} is {stated!r}, and {where} {other!r}", "make them agree", METADATA)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", "pack a whole bundle", path) from None
    except ValueError as error:
        raise InputError(f"is no JSON ({error})", "mend it", path) from None


def _read_lock(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", "pack a whole bundle", path) from None
    return dict(line.strip().split("==", 1) for line in lines if "==" in line and not line.startswith("#"))
