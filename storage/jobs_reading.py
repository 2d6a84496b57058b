"""The whole of jobs.yaml as read: jobs, problems, and the text they came from; not what is in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from models.job import Job
from storage.file_problem import FileProblem, Unreadable
from storage.yaml_blocks import Blocks
from storage.yaml_scalars import dump_yaml

FILE = "jobs.yaml"
EMPTY = b"jobs: []\n"


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of the list: its values and the job they are, or why they are none.

    The line of `error` counts from the item's first line. `is_yaml` is False where not even the
    YAML of the item could be read.
    """

    values: Any = None
    job: Job | None = None
    error: Unreadable | None = None
    job_id: str = ""
    is_yaml: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """`blocks` is None, and `whole` the document, where the file is not a plain list of blocks.

    `exists` is False for a file that is not there, which reads as an empty list.
    """

    content: bytes
    blocks: Blocks | None = None
    entries: tuple[Entry, ...] = ()
    jobs: Mapping[str, Job] = field(default_factory=dict)
    problems: tuple[FileProblem, ...] = ()
    whole: Mapping[str, Any] = field(default_factory=dict)
    exists: bool = True

    @property
    def ends_whole(self) -> bool:
        return self.content.endswith(b"\n")

    @property
    def may_be_corrected(self) -> bool:
        """Whether it is in order as text; what is broken or cut off is left to a person."""
        return self.exists and self.ends_whole and not self.problems

    def index_of(self, job_id: str) -> int:
        """The place of a job in the list; ValueError if it is not there."""
        for index, entry in enumerate(self.entries):
            if entry.job_id == job_id:
                return index
        raise ValueError(job_id)

    def text_of(self, job_id: str) -> str:
        """The job's block, without a password in an address ("": the file is no plain list, or has no such job)."""
        if self.blocks is None or job_id not in self.jobs:
            return ""
        index, job = self.index_of(job_id), self.jobs[job_id]
        values, places = self.entries[index].values, {"source": job.source, "dest": job.dest}
        if any(values[name] != place for name, place in places.items()):  # a password was left out
            return dump_yaml([{**values, **places}])
        return self.blocks.blocks[index]

    def with_entry(self, index: int, blocks: Blocks, entry: Entry, content: bytes) -> "Reading":
        """After a change of one job that was and is in order; nothing else is read again."""
        job = entry.job
        if job is None:
            raise ValueError(index)
        entries = (*self.entries[:index], entry, *self.entries[index + 1 :])
        jobs = {**self.jobs, job.id: job}
        return replace(self, content=content, blocks=blocks, entries=entries, jobs=jobs)


def unreadable(error: Unreadable, content: bytes = b"") -> Reading:
    """The reading of a file that could not be read at all."""
    return Reading(content, problems=(error.problem(FILE),))
