"""A job as something that runs without us: a shell script, a line for cron. It starts nothing."""

import re
from shlex import join, quote

from core.starting import Starting
from engines.values import Step
from models.errors import AppError
from models.job import Job
from storage.data_folder import DataFolder
from storage.job_store import JobStore
from utils.text import visible

CRON_LIMIT = 998  # bytes of a command that every cron reads
PASSWORD_FOLDER = "/etc/backup-passwords"  # noqa: S105  a folder, not a password
_NIGHTLY = "0 3 * * *"
# With these rclone writes its figures to stderr four times a second, and cron would mail them all.
_FIGURES = frozenset({"--use-json-log", "--stats=250ms", "--stats-log-level=NOTICE"})
# A comparison tells of every file: cron is to mail those that differ, and nothing where none does.
_DIFFERENCES = {"--info=stats2": (), "-ii": ("-i",), "--combined": ("--log-level=ERROR", "--differ")}
_UNFIT = re.compile(r"[^A-Za-z0-9._]+")


class CannotEject(AppError):
    """What was asked for cannot hold this job."""

    code = "cannot_export"
    status = 422


class Ejecting:
    """Secrets are in nothing that it gives; where one is needed, a comment says where it has to be put."""

    def __init__(self, folder: DataFolder, jobs: JobStore, starting: Starting) -> None:
        self._folder, self._jobs, self._starting = folder, jobs, starting

    def script(self, job_id: str) -> str:
        """A script for sh with the exact commands; `InvalidInput` where the job cannot run as it stands."""
        job = self._jobs.get(job_id)
        steps = self._steps(job)
        lines = ["#!/bin/sh", *_commented(self._head(job)), *_commented(self._needs(job, steps))]
        lines += ["set -e", *map(_command, steps)]
        return "\n".join(lines) + "\n"

    def cron(self, job_id: str) -> str:
        """The same as one line of a crontab, silent about figures; `CannotEject` where cron would cut it."""
        job = self._jobs.get(job_id)
        steps = self._steps(job)
        command = " && ".join(map(_silent, steps)).replace("%", "\\%")
        if len(command.encode()) > CRON_LIMIT:
            raise CannotEject("This command is longer than cron reads. Take the script, and let cron start that.")
        times = "The five fields in front mean every night at 3: change them."
        notes = _commented([*self._head(job), times, *self._needs(job, steps)])
        return "\n".join([*notes, f"{_NIGHTLY} {command}"]) + "\n"

    def _steps(self, job: Job) -> tuple[Step, ...]:
        return self._starting.command(job, _password_file(job))

    def _head(self, job: Job) -> list[str]:
        return [
            f"{visible(job.name)}, as Backup Manager runs it.",
            "It does not look whether the right disk is mounted, and does not try again.",
        ]

    def _needs(self, job: Job, steps: tuple[Step, ...]) -> list[str]:
        """What has to be there besides the tool, and what is not done."""
        words = [word for step in steps for word in step.argv]
        notes = []
        path = _password_file(job)
        if any(path in word for word in words):
            notes.append(f"The password is not in here. Put it, and nothing else, into {path}, then: chmod 600 {path}")
        if any(str(self._folder.root) in word for word in words):
            notes.append(f"It reads keys in {visible(str(self._folder.root))}: keep that folder.")
        if job.settings.delete_source_after:
            notes.append("Nothing is deleted at the source: that needs the proof that only Backup Manager makes.")
        return notes


def _password_file(job: Job) -> str:
    return f"{PASSWORD_FOLDER}/{_UNFIT.sub('-', job.name).strip('-._')[:60] or job.id}"


def _commented(lines: list[str]) -> list[str]:
    return [f"# {line}" for line in lines]


def _silent(step: Step) -> str:
    """The command, which says nothing while all is well."""
    at = step.argv.index("--")
    options = [word for word in step.argv[:at] if word not in _FIGURES]
    if step.purpose == "transfer":
        return _command(step._replace(argv=(*options, *step.argv[at:]))) + " >/dev/null"
    options = [word for word in options if not word.startswith("--out-format=")]
    told = [part for word in options for part in _DIFFERENCES.get(word, (word,))]
    return _command(step._replace(argv=(*told, *step.argv[at:])))


def _command(step: Step) -> str:
    """The words as they are given to the tool, quoted for sh."""
    return " ".join([*(f"{name}={quote(value)}" for name, value in step.environment.items()), join(step.argv)])
