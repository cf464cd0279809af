"""The config of a node: data that is checked against a schema, never code."""

import dataclasses
import ipaddress
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bundle.errors import InputError
from bundle.node.schema import COMMENT, SCHEMA, filled, mistakes

Section = TypeVar("Section")

_REMEDY = "compare it with what python -m scripts.serve init FILE writes"
_PATHS = ("spool", "export", "certificate", "key", "ca", "user_file", "token_file")


@dataclass(frozen=True)
class Tls:
    """PEM files of a connection."""

    certificate: str
    key: str
    ca: str


@dataclass(frozen=True)
class Peer:
    """Who may send."""

    ae_title: str
    addresses: tuple[str, ...]

    def is_at(self, address: str) -> bool:
        """Return whether an address is one of this peer's."""
        found = ipaddress.ip_address(address)
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in ipaddress.ip_network(each, strict=False) for each in self.addresses)


@dataclass(frozen=True)
class Receive:
    """The Storage SCP."""

    ae_title: str
    host: str
    port: int
    peers: tuple[Peer, ...]
    tls: Tls | None
    max_instance_mb: float
    max_instances: int
    max_associations: int
    max_associations_per_peer: int
    acse_timeout_s: float
    network_timeout_s: float


@dataclass(frozen=True)
class Source:
    """A DICOMweb server that is asked for studies."""

    name: str
    url: str
    user_file: str | None
    ca: str | None
    every_s: float
    days: int


@dataclass(frozen=True)
class Complete:
    """When a study is taken for complete."""

    quiet_s: float
    ceiling_s: float


@dataclass(frozen=True)
class Worker:
    """The process that decodes and scores."""

    memory_mb: int
    time_limit_s: float
    threads: int | None


@dataclass(frozen=True)
class Destination:
    """Where answers go: by STOW-RS where it has a url, else by C-STORE."""

    name: str
    ae_title: str
    host: str
    port: int
    tls: Tls | None
    url: str
    user_file: str | None
    ca: str | None
    commitment: bool
    objects: tuple[str, ...]


@dataclass(frozen=True)
class Send:
    """How often a destination is asked again."""

    retry_s: float
    commitment_s: float
    retry_max_s: float
    give_up_h: float
    timeout_s: float


@dataclass(frozen=True)
class Keep:
    """How long files stay."""

    answered_h: float
    set_aside_days: float


@dataclass(frozen=True)
class Disk:
    """Free space below which nothing is received."""

    reserve_mb: float
    reserve_percent: float


@dataclass(frozen=True)
class Http:
    """Where the node tells how it is."""

    host: str
    port: int
    token_file: str | None


@dataclass(frozen=True)
class Config:
    """All of it; its keys are described in ``node.schema.json``."""

    spool: str
    export: str
    runtime: str
    receive: Receive
    sources: tuple[Source, ...]
    complete: Complete
    worker: Worker
    destinations: tuple[Destination, ...]
    send: Send
    keep: Keep
    disk: Disk
    http: Http


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
    if not content["http"]["token_file"] and not is_loopback(content["http"]["host"]):
        found.append(f"http.host is {content['http']['host']}, which others reach, and there is no http.token_file")
    if content["complete"]["ceiling_s"] < content["complete"]["quiet_s"]:
        found.append("complete.ceiling_s is below complete.quiet_s")
    return found


def is_loopback(host: str) -> bool:
    """Return whether an address is reached from this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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
