"""What somebody asks of a job: which kind of run, and what only that kind needs."""

from dataclasses import dataclass

from models.run import Kind


@dataclass(frozen=True, slots=True)
class RestoreWish:
    """What is to come back and where.

    `names` are paths in bytes relative to the copy's root, without a closing slash (none = all of it).
    `target` is a folder as it would be typed; "" means where the files came from. `overwrite`: what
    is there may be replaced; then `previewed` is the run that showed what that would be. `merge`: a
    target that was typed may hold files already. `accept_identity`: other disks than at the last good
    run are intended, also by the runs that follow from this one.
    """

    names: tuple[bytes, ...] = ()
    target: str = ""
    overwrite: bool = False
    previewed: str = ""
    merge: bool = False
    accept_identity: bool = False


@dataclass(frozen=True, slots=True)
class RetryWish:
    """Which files of a backup are to be copied that it left out: `names` as bytes below the job's root.

    `retries` is that backup, and `settles` whether nothing else of it is open.
    """

    retries: str
    names: tuple[bytes, ...]
    settles: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A wish for a run. `trigger` is who asks, `accept_identity`: other disks than last time are intended.

    With `restore` the run deals with the way back: a restore, its preview, or a rehearsal.
    `carries_on` is the stopped restore whose work this one takes over ("" = none), `run_id` the id that
    the run is to have ("" = a new one).
    """

    kind: Kind = "backup"
    trigger: str = "hand"
    accept_identity: bool = False
    restore: RestoreWish | None = None
    carries_on: str = ""
    retry: RetryWish | None = None
    run_id: str = ""
