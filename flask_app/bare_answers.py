"""The answers that gunicorn gives by itself, to what is no request it understands; all others are the front door's."""

import sys
from collections.abc import Iterable
from typing import Any

BEFORE = b"Connection: close\r\n"


def dress_bare_answers(headers: Iterable[tuple[str, str]]) -> None:
    """Give those answers our headers too; does nothing outside gunicorn."""
    util: Any = sys.modules.get("gunicorn.util")
    if util is None or hasattr(util.write_error, "dressed"):
        return
    ours = "".join(f"{name}: {value}\r\n" for name, value in headers).encode("latin-1")
    write_error = util.write_error

    def dressed(connection: Any, status: int, reason: str, message: str) -> None:
        write_error(_Dressed(connection, ours), status, reason, message)

    dressed.dressed = True  # type: ignore[attr-defined]
    util.write_error = dressed


class _Dressed:
    """A connection whose first line of headers is followed by ours."""

    def __init__(self, connection: Any, headers: bytes) -> None:
        self._connection, self._headers = connection, headers

    def sendall(self, content: bytes) -> None:
        self._connection.sendall(content.replace(BEFORE, BEFORE + self._headers, 1))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)
