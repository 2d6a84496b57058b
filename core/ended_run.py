"""A run known by its summary, the rest of its record read when somebody asks for it; for lists of thousands of jobs."""

from collections.abc import Callable
from typing import Any, cast

from models.run import Run, RunState
from models.run_summary import RunSummary, summary_of


class EndedRun:
    """Has all that `Run` has. What the summary knows costs no reading.

    It equals the `Run` with the same record, of which it does not know enough for the same hash, so it has none.
    """

    __slots__ = ("_read", "summary")

    def __init__(self, summary: RunSummary, read: Callable[[RunSummary], Run]) -> None:
        self.summary, self._read = summary, read

    @property
    def id(self) -> str:
        return self.summary.run_id

    @property
    def job_id(self) -> str:
        return self.summary.job_id

    @property
    def kind(self) -> str:
        return self.summary.kind

    @property
    def state(self) -> RunState:
        return self.summary.state

    @property
    def started_at(self) -> str:
        return self.summary.started_at

    @property
    def ended_at(self) -> str:
        return self.summary.ended_at

    @property
    def job_name(self) -> str:
        return self.summary.job_name

    @property
    def engine(self) -> str:
        return self.summary.engine

    @property
    def is_good(self) -> bool:
        return self.summary.is_good

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._read(self.summary), name)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, EndedRun):
            return self.summary == other.summary
        return isinstance(other, Run) and bool(self._read(self.summary) == other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"EndedRun({self.summary.run_id})"


def ended_run(summary: RunSummary, read: Callable[[RunSummary], Run]) -> Run:
    """The same, called what it stands for."""
    return cast("Run", EndedRun(summary, read))


def known_summary(run: Run) -> RunSummary:
    """An ended run in small values; of one that is known by its summary nothing more is read."""
    known = getattr(run, "summary", None)
    return known if isinstance(known, RunSummary) else summary_of(run)
