"""The hosts whose ssh keys a person accepted here: listing and forgetting; asking hosts is `host_keys`' business."""

import re
from pathlib import Path
from typing import NamedTuple

from core.host_keys import ACCEPTED, fingerprint_of, lines_of, text_of
from models.errors import AppError
from storage.file_lock import FileLock
from storage.shared_file import replace_file
from utils.clock import parse_utc

_BRACKETED = re.compile(r"\[(.+)\]:(\d{1,5})")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class HostNotFound(AppError):
    code = "host_not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__("No key of such a host is accepted here. It may have been removed.")


class KnownHost(NamedTuple):
    """`name` is what the file says; "" in `accepted_at` where the file does not say when. A hashed name has no host."""

    name: str
    host: str
    port: int
    fingerprints: tuple[str, ...]
    accepted_at: str


class KnownHosts:
    """Our own file alone; ssh's files are ssh's."""

    def __init__(self, known_hosts: Path) -> None:
        self._path = known_hosts
        self._lock = FileLock(known_hosts.with_name(known_hosts.name + ".lock"))

    def all(self) -> tuple[KnownHost, ...]:
        """In the order of their names."""
        lines: dict[str, list[list[str]]] = {}
        for line in lines_of(self._path):
            if name := _name(line):
                lines.setdefault(name, []).append(line.split())
        return tuple(_host(name, lines[name]) for name in sorted(lines))

    def get(self, name: str) -> KnownHost:
        """`HostNotFound` if the file has no such line."""
        for host in self.all():
            if host.name == name:
                return host
        raise HostNotFound

    def remove(self, name: str) -> None:
        """Forget the keys of this host; comments and all other lines stay."""
        with self._lock.hold():
            self.get(name)
            kept = [line for line in lines_of(self._path) if _name(line) != name]
            replace_file(self._path, text_of(kept))


def _name(line: str) -> str:
    """The host's name on the line ("" = the line is for no host)."""
    fields = line.split()
    return fields[0] if len(fields) >= 3 and fields[0][0] not in "#@" else ""


def _host(name: str, lines: list[list[str]]) -> KnownHost:
    found = _BRACKETED.fullmatch(name)
    host, port = (found[1], int(found[2])) if found else (name, 22)
    moments = [word.removeprefix(ACCEPTED) for fields in lines for word in fields[3:] if word.startswith(ACCEPTED)]
    good = [moment for moment in moments if _is_moment(moment)]
    shown = tuple(_fingerprint(fields[1], fields[2]) for fields in lines)
    return KnownHost(name, "" if name.startswith("|") else host, port, shown, max(good, default=""))


def _is_moment(text: str) -> bool:
    try:
        return bool(_MOMENT.fullmatch(text) and parse_utc(text))
    except ValueError:
        return False


def _fingerprint(kind: str, blob: str) -> str:
    try:
        return fingerprint_of(kind, blob)
    except ValueError:
        return "not a key"
