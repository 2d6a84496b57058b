"""Hashes of passwords, slow on purpose; not where they are kept, and not who may try how often."""

import hashlib
import hmac
import os
import re
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from models.errors import AppError

_COST, _BLOCK, _PARALLEL = 1 << 15, 8, 1  # 32 MiB and about a tenth of a second
_MEMORY = 64 << 20
_AT_ONCE = 2
_PATIENCE = 10.0
_HASH = re.compile(r"scrypt\$([A-Za-z0-9+/]{22}==)\$([A-Za-z0-9+/]{43}=)")


class TooBusy(AppError):
    """So many passwords are being checked that one more would have to wait for long."""

    code = "too_busy"
    status = 429

    def __init__(self) -> None:
        super().__init__("Too many people are logging in at this moment. Wait a little and try again.")


class Passwords:
    """Makes and checks hashes, two at a time, so that guesses cannot take all memory.

    `offload` does the work where it keeps no other request waiting.
    """

    def __init__(self, offload: Callable[..., Any]) -> None:
        self._offload = offload
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        self._decoy = os.urandom(16), os.urandom(32)

    def hashed(self, password: str) -> str:
        """`scrypt$salt$hash`, both in base64."""
        salt = os.urandom(16)
        return _text(salt, self._derive(password, salt))

    def fits(self, password: str, kept: str) -> bool:
        """Whether the password is the one of that hash. Takes as long where `kept` is none, and is False then."""
        parts = _parts(kept)
        salt, wanted = parts or self._decoy
        return hmac.compare_digest(self._derive(password, salt), wanted) and parts is not None

    def _derive(self, password: str, salt: bytes) -> bytes:
        if not self._places.acquire(timeout=_PATIENCE):
            raise TooBusy
        try:
            return bytes(self._offload(_scrypt, password.encode("utf-8", "surrogatepass"), salt))
        finally:
            self._places.release()


def _scrypt(password: bytes, salt: bytes) -> bytes:
    return hashlib.scrypt(password, salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL, maxmem=_MEMORY, dklen=32)


def _text(salt: bytes, found: bytes) -> str:
    return f"scrypt${b64encode(salt).decode()}${b64encode(found).decode()}"


def _parts(kept: str) -> tuple[bytes, bytes] | None:
    """Salt and hash; None for what `_text` did not make, as where there is no password."""
    found = _HASH.fullmatch(kept)
    return (b64decode(found[1]), b64decode(found[2])) if found else None
