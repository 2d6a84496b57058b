"""What a run found out about single files, on disk beside its record; not what it means."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.findings import Finding, What
from storage.data_folder import DataFolder
from storage.shared_file import unavailable

_PIECE = 1 << 20


class FindingsLog:
    """Written by the run's supervisor alone. Names of verified files go to a list of their own, closed by NULs.

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
            if finding.what == "verified":
                self._names.append(finding.name + b"\0")
            else:
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


@dataclass(frozen=True, slots=True)
class FindingsPage:
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
) -> FindingsPage:
    """Findings of the kinds `what` (none = all) whose name contains `search`, in the order they were found."""
    wanted, rows, total = frozenset(what), [], 0
    for finding in _findings(folder.run_folder(job_id, run_id) / "findings.jsonl"):
        if wanted and finding.what not in wanted:
            continue
        if search and search.casefold() not in os.fsdecode(finding.name).casefold():
            continue
        if offset <= total < offset + limit:
            rows.append(finding)
        total += 1
    return FindingsPage(tuple(rows), total)


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
