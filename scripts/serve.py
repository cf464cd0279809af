"""Answer the heads that a PACS sends: ``python -m scripts.serve CONFIG``."""

import json as json_format
import sys
from collections.abc import Callable
from pathlib import Path

from bundle.command import run_command
from bundle.errors import InputError
from bundle.files import written_whole
from bundle.node import commands, example, read_config


def run(config: str, check: bool = False, log_phi: bool = False) -> None:
    """Receive heads, score them, and send reports to where they are wanted, until SIGTERM or Ctrl-C.

    For research only: it is not a medical device, does not alter images and removes no case from a queue.

    Args:
        config: JSON file; python -m scripts.serve init FILE writes one to begin with.
        check: only check the config, and say what would run.
        log_phi: also write what libraries log, which names patients and studies.
    """
    from bundle.node import serve  # what speaks to others takes a second to import, which --help need not wait for

    settings = read_config(config)
    if check:
        from bundle.node.check import check as checked

        print("\n".join(checked(settings)))
    else:
        serve(settings, log_phi=log_phi)


def init(file: str) -> None:
    """Write a config to begin with, which says all there is, with a comment before each key.

    Args:
        file: which must not be there yet.
    """
    path = Path(file)
    if path.exists():
        raise InputError("is there already", "remove it, or give another name", path)
    try:
        with written_whole(path) as part:
            part.write_text(json_format.dumps(example(), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", "give another path", path) from error
    print(f"wrote {path}; set its paths, peers and destinations, then: python -m scripts.serve {path} --check")


def status(config: str, json: bool = False) -> None:
    """Say how the jobs of a node stand, what waits to be sent, and what was set aside and why.

    Args:
        config: of the node, which may be running.
        json: print JSON.
    """
    with commands.open_journal(read_config(config)) as (_, journal):
        if json:
            print(json_format.dumps(commands.status(journal), indent=2))
        else:
            print("\n".join(commands.status_lines(journal)))


def retry(config: str, job: str) -> None:
    """Do a job again that was set aside, or score one again that was answered; send at once what waits to be sent.

    Args:
        config: of the node.
        job: its number, or "all" for all that were set aside.
    """
    with commands.open_journal(read_config(config)) as (spool, journal):
        print(commands.retry(spool, journal, job))


def set_aside(config: str, job: str) -> None:
    """Set a job aside, so that nothing more is done for it.

    Args:
        config: of the node.
        job: its number.
    """
    with commands.open_journal(read_config(config)) as (spool, journal):
        print(commands.set_aside(spool, journal, job))


def purge(config: str, job: str) -> None:
    """Remove the files of a study that was answered or set aside, and what names it.

    Args:
        config: of the node.
        job: its number.
    """
    with commands.open_journal(read_config(config)) as (spool, journal):
        print(commands.purge_job(spool, journal, job))


def conformance() -> None:
    """Print the DICOM Conformance Statement: docs/conformance.md."""
    from bundle.node.conformance import conformance_statement

    print(conformance_statement(), end="")


COMMANDS: dict[str, Callable[..., None]] = {
    "run": run, "init": init, "status": status, "retry": retry, "set-aside": set_aside, "purge": purge,
    "conformance": conformance,
}  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] not in (*COMMANDS, "-h", "--help"):
        sys.argv.insert(1, "run")
    run_command(COMMANDS)
