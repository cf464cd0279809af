"""Handlers that other handlers of an engine find by name, so that no config has to know which is which."""

from typing import Any

from ignite.engine import Engine

_KEY = "announced"


def announce(engine: Engine, name: str, handler: Any) -> None:
    """Let other handlers find `handler` on the engine that it is attached to.

    Raises:
        ValueError: when another handler has the name.
    """
    found = announced(engine)
    if found.setdefault(name, handler) is not handler:
        raise ValueError(f"the engine has two handlers {name!r}; attach one")
    setattr(engine.state, _KEY, found)


def announced(engine: Engine) -> dict[str, Any]:
    """Return name → handler of those that were announced on the engine."""
    return dict(getattr(engine.state, _KEY, {}))
