"""What a config of a node may say: its schema, what is wrong with a config after it, and an example made from it."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

COMMENT = "//"
"""With which the key of a comment begins; JSON has no other."""
SCHEMA: Mapping[str, Any] = json.loads(Path(__file__).with_name("node.schema.json").read_text(encoding="utf-8"))


def filled(content: Any, schema: Mapping[str, Any]) -> Any:
    """Return a config with the defaults of what it does not say."""
    schema = resolved(schema)
    if isinstance(content, list) and "items" in schema:
        return [filled(each, schema["items"]) for each in content]
    if not isinstance(content, dict) or "properties" not in schema:
        return content
    result = dict(content)
    for key, part in schema["properties"].items():
        if key not in result and "default" in resolved(part):
            result[key] = deepcopy(resolved(part)["default"])
        if key in result:
            result[key] = filled(result[key], part)
    return result


def mistakes(content: Any) -> list[str]:
    """Return what is wrong with a config, a clause each; none where it is as its schema says."""
    errors = sorted(Draft202012Validator(SCHEMA).iter_errors(content), key=lambda error: error.json_path)
    return [clause for error in errors for clause in _clauses(error)]


def example() -> dict[str, Any]:
    """Return a config that says everything, with its defaults and a comment before each key."""
    return _example(SCHEMA, {"//": "Config of python -m scripts.serve; keys that begin with // are comments."})


def _example(schema: Mapping[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    for key, part in schema["properties"].items():
        part = resolved(part)
        if "description" in part:
            result[f"{COMMENT}{key}"] = part["description"]
        if part.get("type") == "object":
            result[key] = _example(part, {})
        else:
            result[key] = deepcopy(part["default"] if "default" in part else part["examples"][0])
    return result


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a part of the schema with what it refers to."""
    name = schema.get("$ref")
    return schema if name is None else {**SCHEMA["$defs"][name.rpartition("/")[2]], **schema}


def _clauses(error: ValidationError) -> Iterator[str]:
    place = error.json_path.removeprefix("$").removeprefix(".") or "it"
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        for key in sorted(set(error.instance) - set(known)):
            yield f"{place} has the unknown key {key!r}, beside {', '.join(known)}"
    elif error.validator == "required":
        yield f"{place} lacks the key {_missing(error)!r}"
    elif error.validator == "oneOf":
        yield f"{place} needs either a url, or ae_title, host and port"
    elif error.validator == "enum":
        yield f"{place} is {error.instance!r}, none of {', '.join(map(str, error.validator_value))}"
    elif error.validator == "pattern":
        yield f"{place} is {error.instance!r}, which is not as {error.validator_value}"
    else:
        yield f"{place}: {error.message}"


def _missing(error: ValidationError) -> str:
    return next(key for key in error.validator_value if f"'{key}' is" in error.message)
