"""The jobs in force at one moment, as pages read them, and why changes are refused; not how they came about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from models.errors import StoreBroken
from models.job import Job
from storage.change_journal import Change
from storage.file_problem import FileProblem
from storage.file_text import FileKey
from storage.jobs_edit import Edit
from storage.jobs_reading import Reading
from storage.last_good import Judgement
from storage.reassertion import Correction


@dataclass(frozen=True, slots=True)
class JobsSnapshot:
    """The jobs in force, in the order of the file.

    `revision` grows with every change this process sees. While not `writable` changes are
    refused; `missing` names jobs that are gone and whose absence waits for a confirmation.
    """

    jobs: Mapping[str, Job]
    problems: tuple[FileProblem, ...] = ()
    revision: int = 0
    writable: bool = True
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownState:
    """The file as a process knows it. `in_order`: what it undid of ours was made again, in the file.

    `generation` is the one that was newest while the file was not good; from `settled_at` (0.0:
    never) on it has to be looked at again.
    """

    key: FileKey
    generation: str
    reading: Reading
    snapshot: JobsSnapshot
    settled_at: float
    in_order: bool


def snapshot_of(judgement: Judgement, former: JobsSnapshot | None) -> JobsSnapshot:
    """What a judgement puts in force; its revision grows if that differs from the former."""
    snapshot = JobsSnapshot(
        MappingProxyType(dict(judgement.jobs)),
        judgement.problems,
        former.revision if former else 0,
        judgement.is_good,
        judgement.missing,
    )
    return snapshot if snapshot == former else replace(snapshot, revision=snapshot.revision + 1)


class PendingChange:
    """Works out the wanted bytes each time it is told the present ones; `changes` is all that differs."""

    def __init__(self, read: Callable[[bytes | None], Correction], edit: Callable[[Reading], Edit]) -> None:
        self._read, self._edit = read, edit
        self.edit = Edit(b"", ())
        self.changes: tuple[Change, ...] = ()

    def __call__(self, content: bytes | None) -> bytes:
        correction = self._read(content)
        self.edit = self._edit(correction.reading)
        self.changes = (*correction.changes, *self.edit.changes)
        return self.edit.content


def refusal(judgement: Judgement | JobsSnapshot) -> StoreBroken:
    if judgement.problems:
        return StoreBroken(f"{judgement.problems[0].sentence}. Nothing is changed until it is mended.")
    names = ", ".join(judgement.missing)
    return StoreBroken(
        f"jobs.yaml: {len(judgement.missing)} jobs are gone ({names}). Confirm that, or put the file "
        "back; nothing is changed before."
    )
