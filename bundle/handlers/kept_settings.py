"""What of a run's configuration a training must not change halfway."""

import hashlib
import json
from typing import Any

from bundle.command import running_parser
from bundle.datalist import read_datalist

_KEYS = (
    "task", "image_size", "windows", "mask", "standardise", "augment", "window_jitter", "low_resolution",
    "painted_bleeds", "decoys", "dropout", "balanced", "clinical_numbers", "clinical_categories", "lesion_weight",
)  # fmt: skip
_PARTS = ("preprocessing", "augmentation", "loss")
_SECTIONS = ("training", "validation")


def kept_settings() -> dict[str, str]:
    """Return what must stay when a training goes on, of the config that is being parsed: name → JSON of the value.

    Of the datalist, that is of the rows of its sections training and validation, and of parts of the config,
    as the list of augmentations, it is a digest. Outside of a config, nothing is known and the result is empty.

    Raises:
        InputError: when the datalist cannot be read.
    """
    try:
        parser = running_parser()
    except LookupError:
        return {}
    if "train" not in parser.get() or "datalist" not in parser.get():
        return {}
    content = read_datalist(parser.get_parsed_content("datalist"))
    kept = {"datalist": _digest([content[section] for section in _SECTIONS])}
    kept |= {key: _text(parser.get_parsed_content(key)) for key in _KEYS if key in parser.get()}
    parts = {part: parser.get(f"train#{part}") for part in _PARTS}
    if isinstance(parts["loss"], dict):
        # Which of a job's processes compute it may change.
        parts["loss"] = {key: value for key, value in parts["loss"].items() if key != "over_processes"}
    return kept | {f"train#{part}": _digest(value) for part, value in parts.items()}


def _digest(value: Any) -> str:
    return hashlib.sha256(_text(value).encode()).hexdigest()[:12]


def _text(value: Any) -> str:
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    """Return `value` with numbers of one kind, for a command line writes 0 where a config has 0.0."""
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
