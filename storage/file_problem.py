"""What is wrong in a file that people write by hand: file, line, reason; not an exception."""

from typing import NamedTuple


class FileProblem(NamedTuple):
    """`line` counts from 1 (None: the whole file), `job_id` is "" where no job is meant."""

    file: str
    line: int | None
    job_id: str
    reason: str

    @property
    def sentence(self) -> str:
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        job = f"job {self.job_id}: " if self.job_id else ""
        return f"{place}: {job}{self.reason}"


class Unreadable(Exception):
    """Text that cannot be read as what it should be; `line` counts from 1 within that text."""

    def __init__(self, line: int | None, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason

    def problem(self, file: str, first_line: int = 1, job_id: str = "") -> FileProblem:
        """The problem in `file`, where the text begins on `first_line`."""
        line = None if self.line is None else self.line + first_line - 1
        return FileProblem(file, line, job_id, self.reason)
