"""The run of ``python -m monai.bundle`` that is going on: its overrides, and where its bundle is."""

import inspect
import logging
import re
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import fire.parser

from bundle.command.overrides import checked_overrides, given_on
from bundle.command.sentence import end_with_one_sentence

if TYPE_CHECKING:
    from monai.bundle import ConfigParser

Kind = TypeVar("Kind")

_OF_RUN = {
    "run_id", "init_id", "final_id", "meta_file", "config_file", "logging_file", "tracking", "args_file",
    "workflow_name", "workflow_type",
}  # fmt: skip
"""Arguments of ``monai.bundle run`` itself."""


def begin(argv: Sequence[str] | None = None) -> None:
    """Prepare what a config runs; every config names it first.

    In a process that ``python -m monai.bundle`` started, bad input from here on ends with one sentence, and the
    overrides of the command line are checked and get the types of their defaults (`checked_overrides`). In any
    process, a run from another folder than the bundle's finds the files of the bundle without ``--bundle_root``, and
    MONAI does not complain of a GPU library that the bundle has no use for.

    Args:
        argv: the command line, `sys.argv` when None.

    Raises:
        InputError: see `checked_overrides`.
    """
    _leave_out_gpu_reader()
    argv = list(sys.argv if argv is None else argv)
    overrides: dict[str, Any] = {}
    if argv and re.search(r"\bmonai\b", argv[0]):  # a server of MONAI Label trains, too
        sys.excepthook = end_with_one_sentence
        overrides = read_overrides(argv[1:])
    from monai.bundle import ConfigWorkflow

    workflow = _running(ConfigWorkflow)
    if workflow is None:
        return
    if workflow.parser.get("bundle_root") == ".":
        folder = workflow.config_root_path.absolute()
        root = folder.parent if folder.name == "configs" else folder
        if not root.samefile(Path.cwd()):
            overrides["bundle_root"] = str(root)
    changed = {key: value for key, value in overrides.items() if not _same(workflow.parser.get(key), value)}
    if changed:
        workflow.parser.update(changed)
        # It has forgotten what it had made of the config, of which this call may be a part.
        workflow.parser.parse()


def _leave_out_gpu_reader() -> None:
    """Silence one of MONAI's readers, all of which `LoadImage` makes, whichever is asked for."""
    logging.getLogger("monai.data.nvimgcodec_pydicom_plugin").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="NvImgCodecPydicomReader")


def read_overrides(arguments: Sequence[str]) -> dict[str, Any]:
    """Return the overrides that a command line of ``monai.bundle run`` gives, see `checked_overrides`.

    Raises:
        InputError: see `checked_overrides`.
    """
    from monai.bundle import ConfigParser
    from monai.utils import ensure_tuple

    given: dict[str, Any] = dict(given_on(arguments))
    if "args_file" in given:
        given = {**ConfigParser.load_config_file(given["args_file"]), **given}
    files = given.get("config_file", [])
    if isinstance(files, str):
        files = ensure_tuple(fire.parser.DefaultParseValue(files))
    return checked_overrides({key: value for key, value in given.items() if key not in _OF_RUN}, files)


def running_parser() -> "ConfigParser":
    """Return the parser of the config that is being parsed, for a component that needs to know the config.

    Raises:
        LookupError: when no config is being parsed.
    """
    from monai.bundle import ConfigParser

    if (parser := _running(ConfigParser)) is None:
        raise LookupError("no config is being parsed")
    return parser


def _running(kind: type[Kind]) -> Kind | None:
    """Return the innermost object of a class that has a method running; MONAI hands none to what a config names."""
    frame = inspect.currentframe()
    while frame is not None:
        owner = frame.f_locals.get("self")
        if isinstance(owner, kind):
            return owner
        frame = frame.f_back
    return None


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other
