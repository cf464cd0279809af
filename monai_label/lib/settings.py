"""Values of the bundle's configs that the server was started with."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def read_settings(root: Path, conf: Mapping[str, str]) -> dict[str, Any]:
    """Return the entries of ``--conf KEY VALUE`` that are keys of ``configs/inference.json``, their values parsed.

    Other keys are MONAI Label's own, such as ``preload``.
    """
    known = json.loads((root / "configs" / "inference.json").read_text())
    return {key: _parse(value) for key, value in conf.items() if key in known}


def _parse(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
