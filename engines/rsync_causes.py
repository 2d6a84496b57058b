"""Known causes behind an exit, told from the last lines of output; never decides how a run ended."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """A sharper sentence than the exit code's own; `codes` are the exits it may explain."""

    pattern: re.Pattern[str]
    reason: str
    next_step: str
    retry: bool = False
    codes: frozenset[int] = frozenset()


_CAUSES: tuple[Cause, ...] = (
    Cause(
        re.compile(r"No space left on device|Disk quota exceeded"),
        "The destination is full.",
        "Free space there or choose another destination.",
    ),
)


def find_cause(exit_code: int, tail: tuple[str, ...]) -> Cause | None:
    """The first known cause, most telling first, that the lines show and the exit allows."""
    for cause in _CAUSES:
        if cause.codes and exit_code not in cause.codes:
            continue
        if any(cause.pattern.search(line) for line in tail):
            return cause
    return None
