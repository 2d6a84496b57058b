"""Which jobs are in force: a new reading against the last good one; it reads and writes no jobs.yaml."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from models.job import Job
from storage.file_problem import FileProblem
from storage.generations import Generations
from storage.jobs_reader import JobsReader
from storage.jobs_reading import FILE, Reading

CUT_OFF = "the file ends without a final newline, so it may be cut off; add one or confirm it"
_FACTS = re.compile(r"^ +(?:status|updated_at): .*\n|^ +progress:\n(?: {4,}.*\n)*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is in force. `missing` names the jobs whose absence a person has to confirm.

    `is_good`: the reading is in order and is what is in force.
    """

    jobs: Mapping[str, Job]
    problems: tuple[FileProblem, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return not self.problems and not self.missing


class LastGood:
    """The last good reading of this process, or the newest generation on disk."""

    def __init__(self, generations: Generations, reader: JobsReader) -> None:
        self._generations, self._reader = generations, reader
        self._reading: Reading | None = None
        self._kept: Reading | None = None
        self._kept_name = ""
        self._same: Reading | None = None
        self._same_as = ""

    def judge(self, reading: Reading, removed: Collection[str] = ()) -> Judgement:
        """What of the reading is in force; nothing is remembered before `accept`.

        `removed` are jobs that a process of ours deleted lately: nobody has to confirm those.
        """
        reference = self._reading or self._newest()
        if reading.problems:
            return Judgement(_overlaid(reading, reference), reading.problems)
        if reference is None:
            return Judgement(reading.jobs)
        if reading.exists and reading.content == reference.content:  # a first file may lack its last newline
            return Judgement(reading.jobs)
        missing = self._missing(reading, reference, removed)
        if missing or not (reading.ends_whole and reading.exists):
            return self._unconfirmed(reading, reference, missing)
        return Judgement(reading.jobs)

    def _missing(self, reading: Reading, reference: Reading, removed: Collection[str]) -> list[str]:
        """The ids that an outside write took away, if they are more than one."""
        gone = [job_id for job_id in reference.jobs if job_id not in reading.jobs and job_id not in removed]
        if len(gone) > 1:  # another process of ours may have removed them, and kept that
            newest = self._newest()
            gone = [job_id for job_id in gone if newest is None or job_id in newest.jobs]
        return gone if len(gone) > 1 or not reading.exists else []

    def _unconfirmed(self, reading: Reading, reference: Reading, missing: list[str]) -> Judgement:
        names = tuple(reference.jobs[job_id].name for job_id in missing)
        if reading.ends_whole:
            return Judgement(reference.jobs, (), names)
        line = reading.content.count(b"\n") + 1
        return Judgement(reference.jobs, (FileProblem(FILE, line, "", CUT_OFF),), names)

    def _newest(self) -> Reading | None:
        """The newest generation that is in order."""
        if self._generations.newest_name() == self._kept_name and self._kept is not None:
            return self._kept
        for name, content in self._generations.newest_first():
            reading = self._reader.read(content)
            if not reading.problems:
                self._kept, self._kept_name = reading, name
                return reading
        return None

    def accept(self, reading: Reading) -> None:
        """Take the reading as the last good one."""
        self._reading = reading

    def is_kept(self, reading: Reading) -> bool:
        """Whether the newest generation defines the same jobs."""
        newest = self._newest()
        same = self._same if self._same is not None and self._same_as == self._kept_name else newest
        if same is None or (same is not reading and _defines_other(same, reading)):
            return False
        self.defines_the_same(reading)
        return True

    def defines_the_same(self, reading: Reading) -> None:
        """The reading has the newest generation's definitions; spares comparing all blocks again."""
        self._same, self._same_as = reading, self._kept_name

    def keep(self, reading: Reading) -> None:
        """Make it a generation, unless one like it is the newest. The caller holds the lock of
        jobs.yaml: what is older than the file must not become the newest generation."""
        if not self.is_kept(reading):
            self._generations.keep(reading.content)
            self._kept, self._kept_name = reading, self._generations.newest_name()
            self.defines_the_same(reading)


def _overlaid(reading: Reading, reference: Reading | None) -> Mapping[str, Job]:
    """What can be read, and the last good state of everything else."""
    if reference is None:
        return reading.jobs
    doubtful = {problem.job_id for problem in reading.problems}
    jobs = dict(reference.jobs)
    jobs.update((key, job) for key, job in reading.jobs.items() if key not in doubtful or key not in jobs)
    return jobs


def _defines_other(old: Reading, new: Reading) -> bool:
    """Whether anything but status, figures and times differs."""
    if old.blocks is None or new.blocks is None:
        return old.content != new.content
    if old.blocks.frame != new.blocks.frame or len(old.blocks.blocks) != len(new.blocks.blocks):
        return True
    pairs = zip(old.blocks.blocks, new.blocks.blocks, strict=True)
    return any(left != right and _definition(left) != _definition(right) for left, right in pairs)


def _definition(block: str) -> str:
    return _FACTS.sub("", block)
