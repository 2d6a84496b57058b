"""Holds process groups still, so that what they have open can be noted; it neither looks nor ends."""

import signal
from collections.abc import Sequence

from core.process import end_groups
from core.process_facts import group_members, is_held
from utils.clock import Clock

_PATIENCE = 1.0  # seconds: a process in the midst of a slow disk's work cannot be held
_BETWEEN_LOOKS = 0.002


def hold_still(groups: Sequence[int], clock: Clock) -> list[int]:
    """Stop the groups and wait until every process stands: the signal alone lets a call that has begun
    still open a file. The pids of their living processes."""
    end_groups(groups, signal.SIGSTOP)
    deadline = clock.monotonic() + _PATIENCE
    pids = _members(groups)
    while not all(map(is_held, pids)) and clock.monotonic() < deadline:
        clock.sleep(_BETWEEN_LOOKS)
        pids = _members(groups)
    return pids


def _members(groups: Sequence[int]) -> list[int]:
    return [pid for group in groups for pid in group_members(group)]
