"""Recorded output of rclone fed to a reader the way the supervisor does it; not the samples themselves."""

import json
from dataclasses import dataclass
from pathlib import Path

from engines.base import Notice, Purpose, Verdict
from engines.rclone_output import RcloneReader
from engines.rclone_words import verdict
from models.findings import Finding, What
from models.progress import Progress

FOLDER = Path(__file__).parent.parent / "samples"
VERSIONS = tuple(sorted(path.name for path in FOLDER.glob("rclone-*")))
CASES = tuple(sorted({path.stem for path in FOLDER.glob("rclone-*/*.out")}))
TAIL = 40  # as many lines as the runner keeps


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of a whole recording."""

    reader: RcloneReader
    figures: tuple[Progress, ...]
    notices: tuple[Notice, ...]
    findings: tuple[Finding, ...]

    @property
    def tail(self) -> tuple[str, ...]:
        return tuple(notice.text for notice in self.notices if notice.level not in ("copy", "delete"))[-TAIL:]

    def names(self, what: What) -> set[bytes]:
        return {finding.name for finding in self.findings if finding.what == what}


def purpose_of(case: str) -> Purpose:
    if "verify" in case or "download" in case:
        return "verify"
    if "preview" in case:
        return "preview"
    return "delete" if case.endswith("_delete") else "transfer"


def recorded(version: str, case: str) -> bytes:
    return (FOLDER / version / f"{case}.out").read_bytes()


def exit_code(version: str, case: str) -> int:
    return int(json.loads((FOLDER / version / "exits.json").read_text())[case])


def read(output: bytes, purpose: Purpose = "transfer", settled_bytes: int = 0) -> Reading:
    """Every line, in order."""
    reader = RcloneReader(purpose, settled_bytes)
    figures: list[Progress] = []
    notices: list[Notice] = []
    for line in output.split(b"\n"):
        if (progress := reader.progress(line)) is not None:
            figures.append(progress)
        if line and (notice := reader.notice(line)) is not None:
            notices.append(notice)
    return Reading(reader, tuple(figures), tuple(notices), reader.findings())


def read_case(version: str, case: str) -> Reading:
    return read(recorded(version, case), purpose_of(case))


def judged(version: str, case: str) -> Verdict:
    return verdict(exit_code(version, case), read_case(version, case).tail, purpose_of(case))
