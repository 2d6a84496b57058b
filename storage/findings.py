"""What a run found out about single files, on disk beside its record; not what it means."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from models.findings import PROVEN, Finding, What
from storage.data_folder import DataFolder
from storage.shared_file import unavailable
from utils.clock import SystemClock

_PIECE = 1 << 20
_UNLISTED: tuple[What, ...] = ("verified", "unnamed")
_BETWEEN_YIELDS = 1000


class FindingsLog:
    """Written by the run's supervisor alone. Names of files with the same content go to `verified`, closed by NULs.

    `flush` raises `StoreUnavailable`: evidence that is not on disk is none.
    """

    def __init__(self, folder: DataFolder, job_id: str, run_id: str) -> None:
        place = folder.run_folder(job_id, run_id)
        self._path = place / "findings.jsonl"
        self.verified = place / "verified"
        self._lines: list[bytes] = []
        self._names: list[bytes] = []

    def clear(self) -> None:
        """Forget an earlier try of the same run."""
        self._lines.clear()
        self._names.clear()
        self._path.unlink(missing_ok=True)
        self.verified.unlink(missing_ok=True)

    def add(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            if finding.what in PROVEN:
                self._names.append(finding.name + b"\0")
            if finding.what not in _UNLISTED:
                self._lines.append(_encoded(finding))

    def flush(self) -> None:
        for path, waiting in ((self._path, self._lines), (self.verified, self._names)):
            if waiting:
                _append(path, b"".join(waiting))
                waiting.clear()


def _encoded(finding: Finding) -> bytes:
    # A name is bytes; what is no UTF-8 travels as lone surrogates.
    record = {"what": finding.what, "name": os.fsdecode(finding.name), "size": finding.size}
    return json.dumps(record).encode() + b"\n"


def _append(path: Path, content: bytes) -> None:
    try:
        with open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600), "ab") as file:
            file.write(content)
    except OSError as error:
        raise unavailable(path, error) from error


class FindingsPage(NamedTuple):
    """Some findings of a run; `total` counts all that match."""

    rows: tuple[Finding, ...]
    total: int


def read_findings(
    folder: DataFolder,
    job_id: str,
    run_id: str,
    what: Iterable[What] = (),
    search: str = "",
    offset: int = 0,
    limit: int = 100,
    under: bytes | None = None,
) -> FindingsPage:
    """A part of what `each_finding` gives, and how much that is in all."""
    rows, total = [], 0
    for finding in each_finding(folder, job_id, run_id, what, search, under):
        if offset <= total < offset + limit:
            rows.append(finding)
        total += 1
    return FindingsPage(tuple(rows), total)


def each_finding(
    folder: DataFolder,
    job_id: str,
    run_id: str,
    what: Iterable[What] = (),
    search: str = "",
    under: bytes | None = None,
) -> Iterator[Finding]:
    """Findings of the kinds `what` (none = all but `verified`), in the order they were found.

    Only those whose name contains `search` and, where `under` is given, that lie right in that
    folder (without a closing slash). Other green threads get their turn now and then.
    """
    wanted, searched, clock = frozenset(what), search.casefold(), SystemClock()
    place = folder.run_folder(job_id, run_id)
    found = _proven(place / "verified") if "verified" in wanted else _findings(place / "findings.jsonl")
    for number, finding in enumerate(found):
        if number % _BETWEEN_YIELDS == 0:
            clock.sleep(0)
        if wanted and finding.what not in wanted:
            continue
        if searched and searched not in os.fsdecode(finding.name).casefold():
            continue
        if under is None or folder_of(finding.name) == under:
            yield finding


def folder_of(name: bytes) -> bytes:
    """Where a file lies, without a closing slash; b"" is the job's root."""
    return name.rstrip(b"/").rpartition(b"/")[0]


def _proven(path: Path) -> Iterator[Finding]:
    return (Finding("verified", name) for name in verified_names(path))


def _findings(path: Path) -> Iterator[Finding]:
    try:
        with path.open("rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):  # the last one may have been cut off by a kill
                    record = json.loads(line)
                    yield Finding(record["what"], os.fsencode(record["name"]), record["size"])
    except FileNotFoundError:
        return


def verified_names(path: Path) -> Iterator[bytes]:
    """The names in a `verified` list, one by one; a last one without its NUL is none."""
    rest = b""
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                *whole, rest = (rest + piece).split(b"\0")
                yield from whole
    except FileNotFoundError:
        return
