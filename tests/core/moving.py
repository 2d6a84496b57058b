"""Runs that delete their source, with somebody who meddles between the comparison and the deletion; asserts nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from core.process import ROOT
from engines.base import Tool
from models.job import JobSettings
from models.run import Run
from storage.findings import read_findings
from tests import build
from tests.core.arena import RSYNC, Arena, folder_of

WRAPPER = """#!/bin/sh
case " $* " in
*" %s "*)
  if [ -x "$0.before" ]; then "$0.before" "$PPID"; fi
  %s "$@"
  code=$?
  trap '' TERM
  if [ -x "$0.after" ]; then "$0.after" "$PPID"; fi
  exit $code
esac
exec %s "$@"
"""
COMPARES = {"rsync": "-n", "rclone": "check"}


class Mover:
    """An arena whose jobs delete their source."""

    config_file = ""

    def __init__(self, arena: Arena, tool: Tool = RSYNC, engine: str = "rsync") -> None:
        self.arena, self.source, self.dest = arena, arena.source, arena.dest
        place = arena.root / "wrapped" / engine
        place.parent.mkdir()
        place.write_text(WRAPPER % (COMPARES[engine], tool.path, tool.path))
        place.chmod(0o755)
        self.tool = Tool(str(place), tool.version)

    def meddle(self, when: str, script: str) -> None:
        """A shell script that runs `before` or `after` the comparison; $1 is the supervisor."""
        path = Path(f"{self.tool.path}.{when}")
        path.write_text(f"#!/bin/sh\nset -e\ncd {self.arena.root}\n{script}\n")
        path.chmod(0o755)

    def job_settings(self, **changes: Any) -> JobSettings:
        return JobSettings(delete_source_after=True, deletion_confirmed=True, **changes)

    def admit(self, mode: str = "verify_then_delete", **changes: Any) -> Run:
        job = self.arena.job(settings=self.job_settings(deletion_mode=mode), **changes)
        run = build.run(job_id=job.id, source=job.source, dest=job.dest, engine=job.type)
        return self.arena.admit(job, self.tool, run, deletion_mode=mode, config_file=self.config_file, tries=1)

    def carry_out(self, mode: str = "verify_then_delete", **changes: Any) -> Run:
        run = self.admit(mode, **changes)
        self.arena.supervise(run)
        return self.arena.ended(run)

    def traced(self, run: Run, *options: str) -> Path:
        """Start the run's supervisor under strace; where that writes what it sees."""
        seen = self.arena.root / f"{run.id}.strace"
        child = subprocess.Popen(
            ["strace", "-qq", "-o", str(seen), *options, sys.executable, "-s", "-m", "core.supervisor",
             str(folder_of(self.arena, run))],
            cwd=ROOT, start_new_session=True,
        )  # fmt: skip
        self.arena.children.append(child)
        return seen

    def left(self) -> set[str]:
        """What lies in the source, folders apart."""
        return files_in(self.source)

    def listed(self, run: Run, what: str) -> list[str]:
        """Names in the list of what was deleted, in order."""
        path = folder_of(self.arena, run) / "deletions.jsonl"
        records = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [record["name"] for record in records if record["what"] == what]

    def kept(self, run: Run) -> list[bytes]:
        found = read_findings(self.arena.folder, run.job_id, run.id, ("kept",))
        return [finding.name for finding in found.rows]


def files_in(folder: Path) -> set[str]:
    return {
        os.path.relpath(os.path.join(place, name), folder)
        for place, _folders, names in os.walk(folder)
        for name in names
    }
