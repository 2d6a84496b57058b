"""A source or destination as typed, taken apart by strict rules; looks at no disk and no network."""

import posixpath
import re
from functools import lru_cache

from engines.base import Location
from utils.text import HOSTILE

MAX_PATH_BYTES = 4095
MAX_NAME_BYTES = 255
_HOST = r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}))"
_USER = r"(?:(?P<user>[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63})@)?"
_MODULE = r"(?P<path>[A-Za-z0-9_][^/]{0,127}(?:/.*)?)"
_SSH = re.compile(rf"{_USER}{_HOST}:(?P<path>.*)")
_DAEMON = re.compile(rf"{_USER}{_HOST}::{_MODULE}")
_WITH_PASSWORD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*:[^/]*@")
_FOREIGN = re.compile(r"(?:https?|ftps?|sftp|ssh|scp|davs?|webdavs?|smb|cifs|afp|nfs|s3|file)://", re.IGNORECASE)
_URL = re.compile(rf"rsync://{_USER}{_HOST}(?::(?P<port>[0-9]{{1,5}}))?/{_MODULE}")


class InvalidLocation(ValueError):
    """The text is no location; its message is the sentence for the field."""


@lru_cache(maxsize=256)  # each check of a job asks for both sides again
def parse_location(text: str) -> Location:
    """The location that `text` names; `InvalidLocation` with a sentence where it names none."""
    if not text.strip():
        raise InvalidLocation("Enter a folder, for example /home/anna/Photos.")
    _refuse_hostile(text)
    if text.startswith("/"):
        _refuse_long(text)
        return Location(text)
    _refuse_foreign(text)
    location = _url(text) if text.startswith("rsync:") else _remote(text)
    _refuse_long(location.path)
    _refuse_ambiguous(location.path)
    return location


def _refuse_foreign(text: str) -> None:
    """What would be read as a host called `https`; its password would stand in every list and log."""
    if _WITH_PASSWORD.match(text):
        raise InvalidLocation(
            "Leave the password out of the address: an rsync daemon's has a field of its own, ssh signs in with a key."
        )
    if _FOREIGN.match(text):
        raise InvalidLocation(
            "rsync does not read such an address. Write user@host:/path for ssh, rsync://host/module for a daemon."
        )


def _refuse_hostile(text: str) -> None:
    found = HOSTILE.search(text)
    if found is None:
        return
    code = ord(found.group())
    raise InvalidLocation(f"This contains a character that cannot be shown (U+{code:04X}) and may mislead. Remove it.")


def _refuse_long(path: str) -> None:
    if len(path.encode()) > MAX_PATH_BYTES:
        raise InvalidLocation(f"This path is too long: the limit is {MAX_PATH_BYTES:,} bytes.")
    if len(path) * 4 <= MAX_NAME_BYTES:  # looked at for thousands of jobs, and no name is longer than its path
        return
    if any(len(name.encode()) > MAX_NAME_BYTES for name in path.split("/")):
        raise InvalidLocation(f"One name in this path is too long: the limit is {MAX_NAME_BYTES} bytes.")


def _refuse_ambiguous(path: str) -> None:
    """What the far side would not take literally, whatever is written before it."""
    if path.endswith("\\") or ("\\" in path and set(path) & set("*?[")):
        raise InvalidLocation("This path on another host mixes \\ with *, ? or [, or ends with \\. Rename the folder.")


def _url(text: str) -> Location:
    found = _URL.fullmatch(text)
    if found is None:
        raise InvalidLocation("Write a daemon as rsync://host/module or host::module.")
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 1 <= port <= 65535:
        raise InvalidLocation("The port in this address has to be 1 to 65535.")
    return Location(found["path"], _bare(found["host"]), found["user"] or "", "daemon", port)


def _remote(text: str) -> Location:
    found = _DAEMON.fullmatch(text)
    if found is not None:
        return Location(found["path"], _bare(found["host"]), found["user"] or "", "daemon")
    found = _SSH.fullmatch(text)
    if found is None or found["path"].startswith(":"):
        raise InvalidLocation(_what_is_wrong(text))
    if not found["path"].startswith("/"):
        address = text[: found.start("path")]
        raise InvalidLocation(f"Write the whole path on the other host, starting with /: {address}/srv/backup.")
    return Location(found["path"], _bare(found["host"]), found["user"] or "", "ssh")


def _what_is_wrong(text: str) -> str:
    if text.startswith("-"):
        return "This starts with a dash. A folder on this machine starts with /."
    if text.startswith("~"):
        return "Write the whole path: a folder on this machine starts with /, not with ~."
    if re.fullmatch(r"[^/:]+::/?", text):
        return "Add the daemon's module, for example host::module."
    if ":" in text.split("/", 1)[0]:
        return "Write a remote folder as user@host:/path or host::module, with a plain host name."
    return "A folder on this machine starts with /. A remote one is written user@host:/path."


def _bare(host: str) -> str:
    return host.strip("[]")


def normal_path(path: str) -> str:
    """A local path without doubled, closing and dotted parts, for comparing."""
    return posixpath.normpath("/" + path.lstrip("/"))


def is_inside(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or lies below it, judged by the text alone."""
    path, folder = normal_path(path), normal_path(folder)
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def is_below(name: bytes) -> bool:
    """Whether a name as a message gave it is the relative path of a file, or with a closing slash of a folder."""
    parts = name.removesuffix(b"/").split(b"/")
    return b"\0" not in name and not any(part in {b"", b".", b".."} for part in parts)
