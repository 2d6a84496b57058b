"""Facts about runs and jobs that somebody may want to hear; not orders."""

from dataclasses import dataclass

from models.run import Run


@dataclass(frozen=True, slots=True)
class RunProgressed:
    """New figures, or a new note, of an active run."""

    run: Run


@dataclass(frozen=True, slots=True)
class RunChanged:
    """A run moved to another state; `run` is its record after the move."""

    run: Run


@dataclass(frozen=True, slots=True)
class RunLogged:
    """`text` was appended to the run's log at byte `offset`."""

    run_id: str
    job_id: str
    offset: int
    text: str


@dataclass(frozen=True, slots=True)
class JobsChanged:
    """Definitions changed, ours or by another program; refetch what is shown."""


Event = RunProgressed | RunChanged | RunLogged | JobsChanged
