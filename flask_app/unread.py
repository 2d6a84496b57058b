"""Live connections that nobody reads any more are ended at once; nothing is said here about who may have one."""

import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

UNREAD_SECONDS = 20


def cut_when_unread(environ: "WSGIEnvironment") -> None:
    """Have the kernel end a live connection whose other side stopped reading: its writer would wait for ever."""
    if connection := environ.get("gunicorn.socket"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_SECONDS * 1000)


def end_without_waiting(engine: Any) -> None:
    """Have the engine (of Engine.IO) drop a client that it ends, without waiting until what it was sent is fetched.

    One that polls may never fetch it, and the request that ended it would hang, and its thread with it.
    """

    def disconnect(sid: str | None = None) -> None:
        ended = [sid] if sid is not None else list(engine.sockets)
        for each in ended:
            if client := engine.sockets.pop(each, None):
                client.close(wait=False, reason=engine.reason.SERVER_DISCONNECT)

    engine.disconnect = disconnect
