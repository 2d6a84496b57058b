"""The jobs in force at one moment, as pages read them, and why changes are refused; not how they came about."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.errors import StoreBroken
from models.job import Job
from storage.file_problem import FileProblem
from storage.last_good import Judgement


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


def refusal(judgement: Judgement | JobsSnapshot) -> StoreBroken:
    if judgement.problems:
        return StoreBroken(f"{judgement.problems[0].sentence}. Nothing is changed until it is mended.")
    names = ", ".join(judgement.missing)
    return StoreBroken(
        f"jobs.yaml: {len(judgement.missing)} jobs are gone ({names}). Confirm that, or put the file "
        "back; nothing is changed before."
    )
