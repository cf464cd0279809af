"""A DICOM node: heads are received, scored in a process of their own, and answered, each exactly once.

Nothing here imports PyTorch or MONAI. What needs pynetdicom and dicomweb-client, which are in
``requirements-deploy.txt`` alone, is imported when it is first asked for.
"""

from importlib import import_module
from typing import Any

from bundle.errors import InputError
from bundle.node.config import Config
from bundle.node.read_config import read_config
from bundle.node.schema import example

__all__ = ["Config", "Node", "example", "read_config", "serve"]

_LATE = {"Node": "bundle.node.node", "serve": "bundle.node.service"}
_FOREIGN = ("pynetdicom", "dicomweb_client", "requests")


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(_LATE[name]), name)
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith(_FOREIGN):
            raise
        problem = f"{error.name}, with which a node speaks to others, is not installed"
        raise InputError(problem, "run: python -m pip install -r requirements-deploy.txt") from None
