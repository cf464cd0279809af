"""Whether a command scores by exported files or by PyTorch, and what it may ask of exported files."""

import json
import logging
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from bundle.command import checked_value, unknown_key
from bundle.errors import InputError
from bundle.files import file_sha256, model_sha256
from bundle.results.inference import InferenceSettings
from bundle.results.model import TORCH
from bundle.runtime import AUTO, Runtime, read_export
from bundle.runtime.export_file import CLASSIFIERS, NAME

logger = logging.getLogger(__name__)

RUNTIMES = (AUTO, *CLASSIFIERS, TORCH)
BRAIN_MASK_WEIGHTS = "brain_mask.pt"
"""Name of the weights beside a checkpoint that configs/inference.json masks brains with."""
SETTINGS = ("mirrored", *(field.name for field in fields(InferenceSettings) if field.name != "station"))
"""Keys of configs/inference.json that exported files can be run with; what the others say was fixed by the export."""


_FIXED = ("task", "image_size", "windows", "mask", "mirrored", "standardise", "slice_smoothing", "threshold")
"""Keys of configs/inference.json whose values an export has kept."""


def chosen_export(
    runtime: str, export_dir: Path | str | None, default: Path, checkpoint: Path, given: Mapping[str, Any], config: Path
) -> Path | None:
    """Return the folder of the exported files that score; None where PyTorch does.

    An export is used where one is named or a runtime of it is asked for. Else that of the default folder is, if it is
    there, of the very checkpoint and of what the config says today, and can do what is asked for; where it is not used,
    a warning says so.

    Args:
        runtime: one of `RUNTIMES`.
        export_dir: the folder, as given; None for the default.
        default: the folder that is looked at then.
        checkpoint: that PyTorch would score with.
        given: keys of configs/inference.json that are set.
        config: the file, whose values PyTorch would use.

    Raises:
        InputError: for another runtime, for an export beside PyTorch, and see `bundle.runtime.read_export`.
    """
    if runtime not in RUNTIMES:
        raise InputError(f"the runtime must be one of {', '.join(RUNTIMES)}, got {runtime!r}")
    if runtime == TORCH:
        if export_dir is not None:
            raise InputError("PyTorch scores with a checkpoint, not with an export", "leave --export_dir out")
        return None
    if runtime != AUTO or export_dir is not None:
        return default if export_dir is None else Path(export_dir)
    if not (default / NAME).is_file():
        return None
    reason = _reason_against(default, checkpoint, given, config)
    if reason:
        logger.warning("PyTorch scores, and not the exported files in %s: %s.", default, reason)
        return None
    return default


def open_export(
    folder: Path, runtime: str, given: Mapping[str, Any], config: Path
) -> tuple[Runtime, InferenceSettings]:
    """Return the runtime of a folder and what is asked of it, each setting of the type that it has in a config.

    Args:
        folder: of the exported files.
        runtime: see `bundle.runtime.open_classifier`.
        given: keys of the config that are set, as texts or values.
        config: with the defaults, and the keys that exported files do not know.

    Raises:
        InputError: for an unknown key, one that exported files do not know, or a value of another type; see also
            `bundle.runtime.open_classifier`.
    """
    defaults = json.loads(config.read_text(encoding="utf-8"))
    for key in given:
        if key not in defaults:
            raise unknown_key(key, SETTINGS, f"exported files and {config} have")
        if key not in SETTINGS:
            problem = f"were exported with their own {key}, which --{key} cannot change"
            raise InputError(problem, f"leave it out, or use --runtime {TORCH}", folder)
    settings = {key: checked_value(key, value, defaults[key]) for key, value in given.items()}
    mirrored = settings.pop("mirrored", None)
    for key in SETTINGS:
        if key not in (*_FIXED, *settings):
            settings[key] = defaults[key]
    return Runtime(folder, runtime, mirrored), InferenceSettings(**settings)


def _reason_against(folder: Path, checkpoint: Path, given: Mapping[str, Any], config: Path) -> str:
    """Return why the export of a folder that nobody named is not used; "" where it is."""
    if others := [f"--{key}" for key in given if key not in SETTINGS]:
        return f"they know no {' and no '.join(others)}"
    try:
        export = read_export(folder)
    except InputError as error:
        return f"{NAME} {error.problem}"
    if checkpoint.is_file() and export.checkpoint != model_sha256(checkpoint):
        return f"they are of another checkpoint than {checkpoint.name}"
    mask = checkpoint.with_name(BRAIN_MASK_WEIGHTS)
    if mask.is_file() and export.brain_mask and export.brain_mask.get("weights") != file_sha256(mask):
        return f"they are of another brain mask than {mask.name}"
    now, then = json.loads(config.read_text(encoding="utf-8")), export.preprocessing
    kept = {name: getattr(then if hasattr(then, name) else export, name) for name in _FIXED}
    if changed := [name for name in _FIXED if name not in given and now[name] != kept[name]]:
        return f"{config.name} says another {changed[0]}, {now[changed[0]]}, than they were exported with"
    return ""
