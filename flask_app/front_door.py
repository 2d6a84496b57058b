"""What stands before Flask and Socket.IO alike: the Host check, the socket door, the headers of every answer."""

import ipaddress
import json
import socket
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask_app.access import ACCESS_SENTENCE, FOREIGN_SENTENCE, is_foreign, is_open
from flask_app.config import ServerConfig

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = [
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
UNREAD_SECONDS = 20
NO_STORE = ("Cache-Control", "no-store")
SOCKETS_FULL = "There are too many live connections; this page keeps itself up to date by asking."


class FrontDoor:
    """A WSGI app around all others. `sockets_full` says whether another live connection is too many."""

    def __init__(
        self, inner: "WSGIApplication", config: ServerConfig, sockets_full: Callable[[], bool] = lambda: False
    ) -> None:
        self._inner = inner
        self._config = config
        self._host_names = config.host_names
        self._sockets_full = sockets_full

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            headers.extend(HEADERS)
            if not any(name.lower() == "cache-control" for name, _ in headers):
                headers.append(NO_STORE)
            return start_response(status, headers, *error)

        if not self._is_own_host(environ.get("HTTP_HOST", "")):
            return _refuse(environ, start, "400 Bad Request", "wrong_host", _host_sentence(environ))
        if environ["PATH_INFO"].startswith("/socket.io"):
            return self._socket(environ, start)
        return self._inner(environ, start)

    def _socket(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        if not is_open(environ, self._config):
            return _refuse(environ, start, "403 Forbidden", "account_required", ACCESS_SENTENCE)
        if is_foreign(environ):
            return _refuse(environ, start, "403 Forbidden", "foreign_origin", FOREIGN_SENTENCE)
        if "sid=" not in environ.get("QUERY_STRING", "") and self._sockets_full():
            return _refuse(environ, start, "503 Service Unavailable", "sockets_full", SOCKETS_FULL)
        _cut_when_unread(environ)
        return self._inner(environ, start)

    def _is_own_host(self, host: str) -> bool:
        name = host_name(host)
        return name in self._host_names or (self._config.any_ip_host and _is_address(name))


def _cut_when_unread(environ: "WSGIEnvironment") -> None:
    """Have the kernel end a live connection whose other side stopped reading: its writer would wait for ever."""
    if "HTTP_UPGRADE" in environ and (connection := environ.get("gunicorn.socket")):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_SECONDS * 1000)


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
