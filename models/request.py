"""What somebody asks of a job: which kind of run, and what only that kind needs."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["backup", "verify", "preview", "restore", "rehearsal"]
# Kinds that change files at the run's destination.
WRITING: tuple[Kind, ...] = ("backup", "restore", "rehearsal")


@dataclass(frozen=True, slots=True)
class RestoreWish:
    """What is to come back and where.

    `names` are paths in bytes relative to the copy's root, without a closing slash (none = all of it).
    `target` is a folder as it would be typed; "" means where the files came from. `overwrite`: what
    is there may be replaced.
    """

    names: tuple[bytes, ...] = ()
    target: str = ""
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A wish for a run. `trigger` is who asks, `accept_identity`: other disks than last time are intended."""

    kind: Kind = "backup"
    trigger: str = "hand"
    accept_identity: bool = False
    restore: RestoreWish = field(default_factory=RestoreWish)
