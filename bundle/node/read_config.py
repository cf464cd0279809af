"""Reading a config: it is data that is checked against a schema, never code."""

import dataclasses
import ipaddress
import json
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from bundle.errors import InputError
from bundle.node.config import Config, is_loopback
from bundle.node.schema import COMMENT, SCHEMA, filled, mistakes

Section = TypeVar("Section")

_REMEDY = "compare it with what python -m scripts.serve init FILE writes"
_PATHS = ("spool", "export", "certificate", "key", "ca", "user_file", "token_file")


def read_config(path: Path | str) -> Config:
    """Return the config in a JSON file; paths in it are relative to its folder, keys that begin with // are comments.

    Raises:
        InputError: when it cannot be read, or names each mistake in it.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", "give the path of a config", path) from error
    except ValueError as error:
        raise InputError(f"is no JSON ({error})", _REMEDY, path) from error
    given = _without_comments(content)
    content = filled(given, SCHEMA)
    if found := mistakes(given) or _contradictions(content):
        said = found[0] if len(found) == 1 else f"has {len(found)} mistakes: {'; '.join(found)}"
        raise InputError(said, _REMEDY, path)
    return _made(Config, _with_paths(content, path.absolute().parent))


def _contradictions(content: Mapping[str, Any]) -> list[str]:
    """Return what a schema cannot say, a clause each."""
    found = []
    for peer in content["receive"]["peers"]:
        for address in peer["addresses"]:
            try:
                ipaddress.ip_network(address, strict=False)
            except ValueError:
                found.append(f"the address {address!r} of the peer {peer['ae_title']} is no IP address or network")
    for part in ("destinations", "sources"):
        names = [each["name"] for each in content[part]]
        found += [f"{part} has the name {name} twice" for name in sorted({x for x in names if names.count(x) > 1})]
    titles = {peer["ae_title"] for peer in content["receive"]["peers"]}
    for each in content["destinations"]:
        if each["commitment"] and each["ae_title"] not in titles:
            found.append(f"the destination {each['name']} is asked for commitment, and its AE title is no peer's")
        if each["port"] == content["receive"]["port"] and _is_same(each["host"], content["receive"]["host"]):
            found.append(f"the destination {each['name']} is the node itself; give host and port of the PACS")
    if not content["http"]["token_file"] and not is_loopback(content["http"]["host"]):
        found.append(f"http.host is {content['http']['host']}, which others reach, and there is no http.token_file")
    if content["complete"]["ceiling_s"] < content["complete"]["quiet_s"]:
        found.append("complete.ceiling_s is below complete.quiet_s")
    return found


def _is_same(host: str, own: str) -> bool:
    """Return whether a host is the one that the node listens on, as far as their names tell."""
    if own in ("0.0.0.0", "::"):
        return host == own or is_loopback(host)
    here = ("localhost", "127.0.0.1")
    return host == own or (host in here and own in here)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs if not key.startswith(COMMENT)]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise ValueError(f"it has the key {twice[0]} twice in one place")
    return dict(pairs)


def _without_comments(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without_comments(value) for key, value in content.items() if not key.startswith(COMMENT)}
    return [_without_comments(each) for each in content] if isinstance(content, list) else content


def _with_paths(content: Any, folder: Path) -> Any:
    if isinstance(content, dict):
        return {
            key: str(folder / value) if key in _PATHS and isinstance(value, str) else _with_paths(value, folder)
            for key, value in content.items()
        }
    return [_with_paths(each, folder) for each in content] if isinstance(content, list) else content


def _made(kind: type[Section], content: Any) -> Section:
    """Return content that was checked as a section, with its sections and lists of sections."""
    hints = typing.get_type_hints(kind)
    values = {field.name: _value(hints[field.name], content[field.name]) for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    return kind(**values)


def _value(hint: Any, content: Any) -> Any:
    if typing.get_origin(hint) is tuple:
        return tuple(_value(typing.get_args(hint)[0], each) for each in content)
    if isinstance(hint, types.UnionType):
        hint = next(each for each in typing.get_args(hint) if each is not types.NoneType)
    if content is None or not isinstance(hint, type) or not dataclasses.is_dataclass(hint):
        return content
    return _made(hint, content)
