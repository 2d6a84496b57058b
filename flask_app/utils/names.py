"""Names of files, which are bytes, as text that URLs and forms carry unharmed, and back; it judges no name."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from models.errors import InvalidInput

_TOKEN = re.compile(r"[A-Za-z0-9_-]{0,8000}")


def token_of(name: bytes) -> str:
    return urlsafe_b64encode(name).decode().rstrip("=")


def name_of(token: str) -> bytes:
    """The reverse of `token_of`; `InvalidInput` for anything that it never gave."""
    if not _TOKEN.fullmatch(token) or len(token) % 4 == 1:
        raise InvalidInput({"paths": "This names no file. Choose it in the list."})
    return urlsafe_b64decode(token + "=" * (-len(token) % 4))
