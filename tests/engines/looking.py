"""A real rsync carried out step by step for tests of readers; asserts nothing."""

import subprocess
from pathlib import Path
from typing import Any

from engines.base import Context, Notice, OutputReader, Step, Tool
from engines.registry import engine
from models.findings import Finding, What
from models.job import Job
from tests.engines.samples import lines

RSYNC = engine("rsync")
FAKE_SSH = '#!/bin/sh\nwhile [ "$1" = -o ]; do shift 2; done\nshift\nexec sh -c "$*"\n'


class Look:
    """What a step of the job said, read as the supervisor reads it."""

    def __init__(self, job: Job, step: Step, folder: Path | None = None, **how: Any) -> None:
        path = f"{folder}:/usr/bin:/bin" if folder else "/usr/bin:/bin"
        done = subprocess.run(
            step.argv, env={"PATH": path, **step.environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            check=False, **how,
        )  # fmt: skip
        self.output, self.code = done.stdout, done.returncode
        self.reader = RSYNC.reader(job, 0, None, step.purpose)
        self.notices, self.findings = read(self.reader, done.stdout)

    def names(self, what: What) -> set[bytes]:
        return {finding.name for finding in self.findings if finding.what == what}


def read(reader: OutputReader, output: bytes) -> tuple[list[Notice], tuple[Finding, ...]]:
    notices = []
    for text, is_whole in lines(output):
        reader.progress(text)
        if is_whole and text and (notice := reader.notice(text)):
            notices.append(notice)
    return notices, reader.findings()


def context(**changes: Any) -> Context:
    return Context(Tool("/usr/bin/rsync", (3, 2, 7)))._replace(**changes)


def look(job: Job, kind: str = "verify", how: dict[str, Any] | None = None, **changes: Any) -> Look:
    """The last step of a run of that kind."""
    return Look(job, RSYNC.steps(job, context(kind=kind, **changes))[-1], **(how or {}))


def fake_ssh(folder: Path) -> Path:
    """A folder whose `ssh` runs what it is told here."""
    folder.mkdir()
    (folder / "ssh").write_text(FAKE_SSH)
    (folder / "ssh").chmod(0o755)
    return folder
