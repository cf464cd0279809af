"""The one style of the configs' JSON: ``python -m tests.config_style`` brings them into it.

What fits into 120 columns stands on one line; a longer list of texts and numbers fills its lines.
"""

import json
from pathlib import Path
from typing import Any

WIDTH = 120
INDENT = 4
CONFIGS = Path(__file__).parents[1] / "configs"
OF_OTHERS = {"meta_schema_20240725.json"}
"""Files that are copies of what others publish."""


def styled(config: dict[str, Any]) -> str:
    """Return the text of a config's file."""
    return _broken(config, 0) + "\n"


def config_files() -> list[Path]:
    """Return the configs that have the style."""
    return [path for path in sorted(CONFIGS.glob("*.json")) if path.name not in OF_OTHERS]


def _broken(value: Any, depth: int) -> str:
    """Return a list or object over several lines; its first line begins in the column that `depth` gives, or later."""
    start, end = " " * (INDENT * (depth + 1)), "\n" + " " * (INDENT * depth)
    if isinstance(value, dict):
        items = [_member(f"{json.dumps(key)}: ", each, depth + 1) for key, each in value.items()]
        return "{\n" + ",\n".join(start + item for item in items) + end + "}"
    items = [_member("", each, depth + 1) for each in value]
    if any(isinstance(each, dict | list) for each in value):
        return "[\n" + ",\n".join(start + item for item in items) + end + "]"
    lines = [start + items[0]]
    for item in items[1:]:
        if len(f"{lines[-1]}, {item},") <= WIDTH:
            lines[-1] += f", {item}"
        else:
            lines[-1] += ","
            lines.append(start + item)
    return "[\n" + "\n".join(lines) + end + "]"


def _member(name: str, value: Any, depth: int) -> str:
    line = name + json.dumps(value, ensure_ascii=False)
    if not value or not isinstance(value, dict | list) or INDENT * depth + len(line) < WIDTH:
        return line
    return name + _broken(value, depth)


if __name__ == "__main__":
    for path in config_files():
        path.write_text(styled(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")
