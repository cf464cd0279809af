"""The config of a node, by its sections; what the keys mean is described in ``node.schema.json``."""

import ipaddress
from dataclasses import dataclass


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


def is_loopback(host: str) -> bool:
    """Return whether an address is reached from this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
