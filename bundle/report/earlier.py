"""The report.json that an evaluation left."""

import json
from pathlib import Path
from typing import Any

from bundle.errors import InputError

_REMEDY = "remove it, it is written anew"


def read_earlier(folder: Path) -> dict[str, Any]:
    """Return the content of a folder's report.json, empty where there is none.

    Raises:
        InputError: when it is no JSON object.
    """
    path = folder / "report.json"
    if not path.is_file():
        return {}
    try:
        earlier = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"is not JSON ({error})", _REMEDY, path) from error
    if not isinstance(earlier, dict):
        raise InputError(f"holds a {type(earlier).__name__} instead of an object", _REMEDY, path)
    return earlier
