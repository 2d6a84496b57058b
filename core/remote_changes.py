"""Adding, changing and deleting remotes in rclone.conf; what is written is read back by rclone before it counts."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from core.process import capture
from core.remotes import RemoteNotFound, Remotes, RemotesUnreadable, Sections
from engines import remote_commands
from engines.registry import engine, names
from engines.remote_fields import field_problems, is_usable, name_problem, section_of
from engines.remote_kinds import RemoteKind, kind_of
from engines.remote_words import built_on
from models.errors import AppError, InvalidInput
from models.job import Job
from storage.data_folder import DataFolder
from storage.file_lock import FileLock
from storage.job_store import JobStore
from storage.remotes_file import is_encrypted, with_section, without_section
from storage.shared_file import rewrite_file, unavailable

Typed = Mapping[str, str]
_SECONDS = 10.0


class RemoteInUse(AppError):
    """Something still needs the remote; the message names it."""

    code = "remote_in_use"


class NotOurs(AppError):
    """rclone.conf is not ours to write; `line` is what a person runs instead."""

    code = "remotes_encrypted"

    def __init__(self, line: str) -> None:
        super().__init__(
            "rclone.conf is encrypted, so it is not written from here. Run this line on this machine instead."
        )
        self.line = line


@dataclass(frozen=True, slots=True)
class Users:
    """What needs a remote: jobs, and the names of remotes that are built on it."""

    jobs: tuple[Job, ...] = ()
    remotes: tuple[str, ...] = ()


class RemoteChanges:
    """One writer among our processes; the file's owner, mode and every other byte are kept."""

    def __init__(self, folder: DataFolder, remotes: Remotes, jobs: JobStore) -> None:
        self._remotes, self._jobs = remotes, jobs
        self._lock = FileLock(folder.remotes_lock)
        self._known_hosts = str(folder.known_hosts)

    def add(self, kind: RemoteKind, name: str, typed: Typed) -> None:
        """A new remote; `InvalidInput` with sentences beside the fields, `NotOurs` with the line to run."""
        present = self._remotes.sections()
        problems = field_problems(kind, typed, tuple(filter(is_usable, present)), ())
        if sentence := name_problem(name, present):
            problems = {"name": sentence, **problems}
        if problems:
            raise InvalidInput(problems)
        if self._remotes.is_encrypted:
            raise NotOurs(self._line(kind, name, typed))
        values = self._section(kind, typed)
        self._write(name, values, lambda sections: _refuse_taken(name, sections))

    def change(self, name: str, typed: Typed) -> None:
        """Other values for a remote; a secret that is not typed stays."""
        section = self._remotes.section(name)
        kind = self.kind(name)
        others = {other for other in self._remotes.names() if other != name}
        kept = {key for key in section if not typed.get(f"forget_{key}")}
        if problems := field_problems(kind, typed, others, kept):
            raise InvalidInput(problems)
        if self._remotes.is_encrypted:
            raise NotOurs(self._line(kind, name, typed, is_new=False))
        self._write(name, self._section(kind, typed), lambda sections: _refuse_gone(name, sections))

    def kind(self, name: str) -> RemoteKind:
        """The kind of a remote that a form can change; `RemoteNotFound`, or `AppError` with how else."""
        kind = kind_of(self._remotes.section(name).get("type", ""))
        if kind is None or not is_usable(name):
            raise AppError("This kind of remote is changed with: rclone config")
        return kind

    def all_users(self) -> dict[str, Users]:
        """Who needs each remote; a remote that nobody needs is not named."""
        found: dict[str, Users] = {}
        for job in sorted(self._jobs.snapshot().jobs.values(), key=lambda job: job.name):
            for name in _remotes_of(job):
                found[name] = replace(found.get(name, Users()), jobs=(*found.get(name, Users()).jobs, job))
        for over, section in self._remotes.sections().items():
            for name in built_on(section):
                found[name] = replace(found.get(name, Users()), remotes=(*found.get(name, Users()).remotes, over))
        return found

    def users(self, name: str) -> Users:
        """Who needs the remote."""
        return self.all_users().get(name, Users())

    def remove(self, name: str) -> None:
        """Delete a remote that nothing needs; `RemoteInUse` names what does."""
        self._remotes.section(name)
        users = self.users(name)
        if users.jobs or users.remotes:
            raise RemoteInUse(_needed_by(name, users))
        if self._remotes.is_encrypted:
            raise NotOurs(remote_commands.delete_line(str(self._remotes.file), name))

        def change(present: bytes | None) -> bytes:
            before = self._readable(present or b"")
            _refuse_gone(name, before)
            wanted = {other: section for other, section in before.items() if other != name}
            return self._proven(without_section(present or b"", name), wanted, "name")

        self._rewrite(change)

    def _write(self, name: str, values: Mapping[str, str | None], refuse: Callable[[Sections], None]) -> None:
        def change(present: bytes | None) -> bytes:
            before = self._readable(present or b"")
            refuse(before)
            section = {**before.get(name, {}), **values}
            wanted = {**before, name: {key: value for key, value in section.items() if value is not None}}
            return self._proven(with_section(present or b"", name, values), wanted, "name")

        self._rewrite(change)

    def _readable(self, content: bytes) -> Sections:
        if is_encrypted(content):
            raise RemotesUnreadable("rclone.conf was encrypted just now. Nothing was changed; try again.")
        return self._remotes.read(content)

    def _proven(self, content: bytes, wanted: Sections, field: str) -> bytes:
        """The content, if rclone reads in it exactly what is wanted."""
        if self._remotes.read(content) != wanted:
            raise InvalidInput(
                {field: "rclone.conf cannot hold this as it was typed, so nothing was changed. Use: rclone config"}
            )
        return content

    def _rewrite(self, change: Callable[[bytes | None], bytes]) -> None:
        with self._lock.hold():
            self._make_file()
            rewrite_file(self._remotes.file, change)

    def _make_file(self) -> None:
        """A new file is 0600 in folders that are 0700, as secrets will stand in it."""
        path = self._remotes.file
        try:
            with suppress(FileExistsError):
                path.parent.mkdir(parents=True, mode=0o700)
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise unavailable(path, error) from error

    def _section(self, kind: RemoteKind, typed: Typed) -> dict[str, str | None]:
        secrets = {field.key: typed[field.key] for field in kind.fields if field.is_secret and typed.get(field.key)}
        obscured = {field.key for field in kind.fields if field.is_obscured}
        hidden = {key: self._obscured(text) if key in obscured else text for key, text in secrets.items()}
        return section_of(kind, typed, hidden, self._fixed(kind))

    def _fixed(self, kind: RemoteKind) -> dict[str, str]:
        """An ssh host is trusted by the keys that a person accepted here."""
        return {"known_hosts_file": self._known_hosts} if kind.checks_host_key else {}

    def _obscured(self, secret: str) -> str:
        answer = capture(remote_commands.obscure(self._remotes.program()), None, _SECONDS, secret.encode() + b"\n")
        text = answer.output.decode(errors="replace").strip()
        if answer.exit_code or not text.replace("-", "").replace("_", "").isalnum():
            raise RemotesUnreadable("rclone could not store the password. Nothing was changed.")
        return text

    def _line(self, kind: RemoteKind, name: str, typed: Typed, is_new: bool = True) -> str:
        return remote_commands.create_line(str(self._remotes.file), kind, name, typed, self._fixed(kind), is_new)


def _refuse_taken(name: str, sections: Sections) -> None:
    if sentence := name_problem(name, sections):
        raise InvalidInput({"name": sentence})


def _refuse_gone(name: str, sections: Sections) -> None:
    if name not in sections:
        raise RemoteNotFound


def _remotes_of(job: Job) -> set[str]:
    if job.type not in names():
        return set()
    try:
        return {side.host for side in engine(job.type).locations(job) if side.kind == "remote"}
    except InvalidInput:
        return set()


def _needed_by(name: str, users: Users) -> str:
    jobs = ", ".join(f"“{job.name}”" for job in users.jobs[:10])
    parts = [f"these jobs use it: {jobs}"] if jobs else []
    parts += [f"these remotes are built on it: {', '.join(users.remotes[:10])}"] if users.remotes else []
    return f"{name} stays, because {'; '.join(parts)}."
