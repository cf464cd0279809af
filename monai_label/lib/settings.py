"""Values of the bundle's configs that the server was started with."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bundle.command import checked_overrides


def read_settings(root: Path, conf: Mapping[str, str]) -> dict[str, Any]:
    """Return the entries of ``--conf KEY VALUE`` that are keys of ``configs/inference.json``, as these have them.

    Other keys are MONAI Label's own, such as ``preload``.

    Raises:
        InputError: for a value that is none of its key.
    """
    config = root / "configs" / "inference.json"
    known = json.loads(config.read_text())
    return checked_overrides({key: value for key, value in conf.items() if key in known}, [config])
