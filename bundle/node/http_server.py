"""/healthz, /readyz, /metrics and /priority; nothing can be changed here."""

import hmac
import json
import logging
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from bundle.errors import InputError
from bundle.node.background import reason
from bundle.node.config import Http, is_loopback

logger = logging.getLogger(__name__)

_SHORTEST = 16
_TIMEOUT = 10.0


class Reply(NamedTuple):
    """To a GET."""

    status: HTTPStatus
    kind: str
    text: str


def json_reply(content: Any, status: HTTPStatus = HTTPStatus.OK) -> Reply:
    """Return a reply in JSON."""
    return Reply(status, "application/json", json.dumps(content, indent=2) + "\n")


class Route(NamedTuple):
    """A path."""

    reply: Callable[[str], Reply]
    """Makes the reply, of the header Accept."""
    secret: bool = False
    """Whether it asks for the token even on this machine alone."""
    failed: HTTPStatus = HTTPStatus.INTERNAL_SERVER_ERROR
    """Status where the reply cannot be made."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Log what a connection fails with, unless it is that who asked has gone, as checks of a port do."""
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, OSError):
            logger.error("a request failed: %s", reason(error))


class HttpServer:
    """Serves GET and HEAD on a few paths.

    Args:
        settings: where, and the file of the token.
        routes: by path.

    Raises:
        InputError: when the token cannot be read, or is too short.
    """

    def __init__(self, settings: Http, routes: dict[str, Route]) -> None:
        self._settings, self._routes = settings, routes
        self._token = None if settings.token_file is None else _read_token(Path(settings.token_file))
        self._open = is_loopback(settings.host)
        self._server: ThreadingHTTPServer | None = None

    @property
    def port(self) -> int:
        """On which it listens."""
        assert self._server is not None
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Listen.

        Raises:
            OSError: when the address cannot be listened on.
        """
        self._server = _Server((self._settings.host, self._settings.port), self._handler())
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="http", daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def reply(self, path: str, accept: str, authorization: str) -> Reply:
        """Return what is answered to a GET."""
        route = self._routes.get(path)
        if route is None:
            return json_reply({"error": f"there is {', '.join(self._routes)}"}, HTTPStatus.NOT_FOUND)
        if (route.secret or not self._open) and not self._is_known(authorization):
            told = "send the token of http.token_file as Authorization: Bearer TOKEN"
            return json_reply({"error": told}, HTTPStatus.UNAUTHORIZED)
        try:
            return route.reply(accept)
        except Exception as error:
            logger.error("the page %s failed: %s", path, reason(error))
            return json_reply({"error": "it failed; the log says why"}, route.failed)

    def _is_known(self, authorization: str) -> bool:
        kind, _, token = authorization.partition(" ")
        return (
            self._token is not None and kind == "Bearer" and hmac.compare_digest(token.encode(), self._token.encode())
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self.reply

        class Handler(BaseHTTPRequestHandler):
            timeout = _TIMEOUT
            server_version, sys_version = "node", ""

            def do_GET(self) -> None:
                self.wfile.write(self.begun())

            def do_HEAD(self) -> None:
                self.begun()

            def begun(self) -> bytes:
                """Send all but the body of the answer, and return that."""
                path = self.path.partition("?")[0]
                reply = answer(path, self.headers.get("Accept", ""), self.headers.get("Authorization", ""))
                body = reply.text.encode()
                self.send_response(reply.status)
                self.send_header("Content-Type", f"{reply.kind}; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                return body

            def log_message(self, *_: Any) -> None:
                """Log nothing of what was asked for."""

        return Handler


def _read_token(path: Path) -> str:
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise InputError("cannot be read", "write a token into it", path) from error
    if len(token) < _SHORTEST:
        raise InputError(f"has a token of {len(token)} characters", f"give it {_SHORTEST} or more", path)
    return token
