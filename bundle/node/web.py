"""Clients of DICOMweb servers."""

from pathlib import Path
from typing import Any

import requests
from dicomweb_client import DICOMwebClient

from bundle.errors import InputError


class WebClient(DICOMwebClient):
    """A client that neither tries again by itself nor follows the server to elsewhere.

    Args:
        url: of the server.
        session: by which it is asked.
        timeout: for an answer, seconds.
    """

    def __init__(self, url: str, session: requests.Session, timeout: float) -> None:
        super().__init__(url.rstrip("/"), session, timeout=timeout)
        self.set_http_retry_params(retry=False)
        self.close = session.close


def open_client(url: str, user_file: str | None, ca: str | None, timeout: float) -> WebClient:
    """Return the client of a server.

    Args:
        url: of the server.
        user_file: with user:password on a line, None for none.
        ca: certificate of the authority that the server's is of, None for those that Python trusts.
        timeout: for an answer, seconds.

    Raises:
        InputError: when a file cannot be used.
    """
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    session.headers["Accept"] = "application/dicom+json"
    session.hooks["response"].append(_without_parameters)
    if user_file is not None:
        session.auth = _user(Path(user_file))
    if ca is not None:
        if not Path(ca).is_file():
            raise InputError("is no file", "give the certificate of the authority, PEM", ca)
        session.verify = ca
    return WebClient(url, session, timeout)


def _without_parameters(response: requests.Response, *_: Any, **__: Any) -> None:
    """Leave the media type alone of a Content-Type as "application/dicom+json; charset=utf-8"."""
    kind = response.headers.get("Content-Type", "")
    if kind.startswith("application/"):
        response.headers["Content-Type"] = kind.partition(";")[0].strip()


def _user(path: Path) -> tuple[str, str]:
    try:
        user, colon, password = path.read_text(encoding="utf-8").strip().partition(":")
    except (OSError, ValueError) as error:
        raise InputError("cannot be read", "write user:password into it", path) from error
    if not colon:
        raise InputError("has no user:password", "write both on one line, with a colon between them", path)
    return user, password
