"""A known cause behind an exit and how it is found in a tool's last lines; never decides how a run ended."""

import re
from collections.abc import Iterable
from typing import NamedTuple

_NAMES = re.compile(r'".*"')


class Cause(NamedTuple):
    """Sharper words than the exit code's own, for the exits in `codes`.

    `pattern` is searched in each line with all quoted names taken out; `{}` in `reason` becomes
    its group.
    """

    codes: frozenset[int]
    pattern: str
    reason: str
    next_step: str
    retry: bool = False


def find_cause(causes: Iterable[Cause], exit_code: int, tail: tuple[str, ...]) -> Cause | None:
    """The first cause that fits the exit and shows in the lines."""
    # A file may be called like an error; tools put names between quotes.
    plain = [_NAMES.sub('""', line) for line in tail]
    for cause in causes:
        if exit_code not in cause.codes:
            continue
        for line in plain:
            if found := re.search(cause.pattern, line):
                return _filled(cause, found)
    return None


def _filled(cause: Cause, found: re.Match[str]) -> Cause:
    if "{}" not in cause.reason:
        return cause
    return cause._replace(reason=cause.reason.replace("{}", found[1]))
