"""What stands before Flask and Socket.IO alike: the Host check, the socket door, the headers of every answer."""

import io
import ipaddress
import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from flask_app.access import ACCESS_SENTENCE, FOREIGN_SENTENCE, is_foreign
from flask_app.config import ServerConfig
from flask_app.identity import Identity
from flask_app.request_ids import HEADER, begin_request
from flask_app.unread import cut_when_unread
from models.errors import AppError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = [
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
NO_STORE = ("Cache-Control", "no-store")
IDENTITY = "backup_manager.identity"  # in the environ of a live connection: who opened it
SOCKETS_FULL = "There are too many live connections; this page keeps itself up to date by asking."


class FrontDoor:
    """A WSGI app around all others. `who` says who opens a live connection, `sockets_full` whether one is too many."""

    def __init__(
        self,
        inner: "WSGIApplication",
        config: ServerConfig,
        who: Callable[["WSGIEnvironment"], Identity | None],
        sockets_full: Callable[[], bool] = lambda: False,
    ) -> None:
        self._inner = inner
        self._config = config
        self._who = who
        self._host_names = config.host_names
        self._sockets_full = sockets_full

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request_id = begin_request(environ, behind_proxy=self._config.trusted_proxies > 0)

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            headers.extend([*HEADERS, (HEADER, request_id)])
            if not any(name.lower() == "cache-control" for name, _ in headers):
                headers.append(NO_STORE)
            return start_response(status, headers, *error)

        if not self._is_own_host(environ.get("HTTP_HOST", "")):
            return _refuse(environ, start, "400 Bad Request", "wrong_host", _host_sentence(environ))
        if environ["PATH_INFO"].startswith("/socket.io"):
            return self._socket(environ, start)
        return self._inner(environ, start)

    def _socket(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        try:
            identity = self._who(environ)
        except AppError as error:
            return _refuse(environ, start, "403 Forbidden", error.code, error.message)
        if identity is None:
            return _refuse(environ, start, "403 Forbidden", "account_required", ACCESS_SENTENCE)
        environ[IDENTITY] = identity
        if is_foreign(environ):
            return _refuse(environ, start, "403 Forbidden", "foreign_origin", FOREIGN_SENTENCE)
        if "sid" not in parse_qs(environ.get("QUERY_STRING", "")) and self._sockets_full():
            return _refuse(environ, start, "503 Service Unavailable", "sockets_full", SOCKETS_FULL)
        if "HTTP_UPGRADE" not in environ:
            return self._inner(environ, start)
        cut_when_unread(environ)
        environ["wsgi.errors"] = Unheard()
        try:
            return self._inner(environ, start)
        except OSError as error:  # it left while it was being greeted, as a page does that is left at once
            raise StopIteration from error  # so gunicorn closes what is left of it, and says nothing

    def _is_own_host(self, host: str) -> bool:
        name = host_name(host)
        return name in self._host_names or (self._config.any_ip_host and _is_address(name))


class Unheard(io.TextIOBase):
    """Takes the line that eventlet writes, without an end, whenever a page is left; that is no news."""

    def write(self, text: str) -> int:
        return len(text)


def host_name(host: str) -> str:
    """The name in a Host header without its port, in lower case ("" if it is no host at all)."""
    name, colon, port = host.rpartition(":")
    if not colon or port.endswith("]"):
        name, port = host, ""
    if port and not port.isdecimal():
        return ""
    return name[1:-1] if name.startswith("[") and name.endswith("]") else name.lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _host_sentence(environ: "WSGIEnvironment") -> str:
    name = host_name(environ.get("HTTP_HOST", "")) or "this name"
    return (
        f"This server is not known as {name}. Open it as http://127.0.0.1:{environ['SERVER_PORT']}, "
        "or start it with that name in BACKUP_MANAGER_ALLOWED_HOSTS."
    )


def _refuse(
    environ: "WSGIEnvironment", start: "StartResponse", status: str, code: str, sentence: str
) -> Iterable[bytes]:
    if environ["PATH_INFO"].startswith("/api/"):
        answer = {"status": "error", "error": {"code": code, "message": sentence}}
        body, kind = json.dumps(answer).encode(), "application/json"
    else:
        body, kind = f"{sentence}\n".encode(), "text/plain; charset=utf-8"
    start(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]
