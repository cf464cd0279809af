"""A network that only one test is in: Debian's Orthanc listens on all addresses, and cannot be told otherwise.

`in_own_network` runs a test in a forked process in user and network namespaces of its own (`man 7 namespaces`), in
which there is a loopback device and nothing else. So ports are never taken, and nothing of the test can be reached from
outside. It needs no rights where the kernel lets anybody make namespaces; some systems do not.
"""

import ctypes
import fcntl
import functools
import os
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

_NEW_USER, _NEW_NETWORK, _NEW_MOUNTS = 0x10000000, 0x40000000, 0x00020000
_SET_FLAGS, _UP = 0x8914, 0x1
_SKIPPED = "skipped: "


def skip(reason: str) -> NoReturn:
    """Skip a test that this machine cannot run; in CI, which is made to run it, that is a failure."""
    if os.environ.get("REQUIRE_ORTHANC"):
        pytest.fail(reason)
    pytest.skip(reason)


def die_with_parent() -> None:
    """Let this process not outlive the one that started it (`man 2 prctl`, PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def enter_own_network() -> None:
    """Move this process, which must have one thread, and all that it starts into namespaces of their own.

    It may mount file systems, too, which nobody else sees.

    Raises:
        OSError: when the system does not allow it.
    """
    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER | _NEW_NETWORK | _NEW_MOUNTS):
        raise OSError(ctypes.get_errno(), "no namespaces for this user")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh", b"lo", _UP))


def run_in_own_network(function: Callable[..., None], *arguments: Any, **named: Any) -> None:
    """Run a function in a forked process with a network of its own.

    Raises:
        pytest.fail.Exception: when it raises or the process ends; the text is the traceback.
        pytest.skip.Exception: when it skips, or the system gives no namespaces and need not.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _run(function, writing, arguments, named)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if told.startswith(_SKIPPED):
        pytest.skip(told.removeprefix(_SKIPPED))
    if told or os.waitstatus_to_exitcode(status):
        pytest.fail(f"in its own network:\n{told}", pytrace=False)


def in_own_network(test: Callable[..., None]) -> Callable[..., None]:
    """Make a test run in a forked process with a network of its own; what is asserted there fails here."""

    @functools.wraps(test)
    def forked(*arguments: Any, **named: Any) -> None:
        run_in_own_network(test, *arguments, **named)

    return forked


def _run(function: Callable[..., None], writing: int, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    told = ""
    die_with_parent()
    try:
        try:
            enter_own_network()
        except OSError as error:
            skip(f"this system gives no network namespace ({error.strerror})")
        function(*arguments, **named)
    except pytest.skip.Exception as skipped:
        told = f"{_SKIPPED}{skipped}"
    except BaseException:
        told = traceback.format_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            pipe.write(told)
        # The parent's handlers at exit, and its fixtures' ends, are the parent's.
        os._exit(1 if told and not told.startswith(_SKIPPED) else 0)
