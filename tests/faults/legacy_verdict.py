"""What must hold when the stand-ins and our writers have ended, from the stand-ins' own account; it runs nothing."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from storage.foreign_writes import LONGEST_PAUSE
from tests.faults.legacy_crowd import OWN, Crowd, Facts

# Seconds: two until something is there again; four in which a value that one of them wrote over while we were
# writing counts as older than what it was written over with, should a third bring it back.
WITHIN = 2.0 + LONGEST_PAUSE
Key = tuple[str, str]


@dataclass
class Account:
    """The stand-ins' writes in order, whether each is known to have been made, and what they read."""

    writes: list[dict[str, Any]] = field(default_factory=list)
    reads: list[dict[str, Any]] = field(default_factory=list)
    done: set[str] = field(default_factory=set)

    @staticmethod
    def of(crowd: Crowd) -> "Account":
        account = Account()
        for record in crowd.records():
            if record["word"] == "about":
                account.writes.append(record)
            elif record["word"] == "done":
                account.done.add(record["serial"])
            else:
                account.reads.append(record)
        return account

    def edits(self) -> dict[Key, list[tuple[float, Any]]]:
        """(job, field) → when it was given which value on purpose, in order."""
        found: dict[Key, list[tuple[float, Any]]] = {}
        for write in self.writes:
            for name, value in write["given"].items():
                found.setdefault((write["job"], name), []).append((write["at"], value))
        return found

    def longest_pause(self) -> float:
        """Seconds between a read of one of them and the write that followed from it."""
        longest, read = 0.0, dict[int, float]()
        for record in sorted((*self.reads, *self.writes), key=lambda record: float(record["at"])):
            if record["word"] == "read":
                read[record["by"]] = record["at"]
            else:
                longest = max(longest, record["at"] - read[record["by"]])
        return longest

    def undone_by_each_other(self) -> int:
        """Edits that another stand-in wrote over with what it had read before."""
        lost = 0
        for one, other in zip(self.writes, self.writes[1:], strict=False):
            if one["kind"] == "edit" and other["job"] != one["job"]:
                lost += one["facts"].get(one["job"]) != other["facts"].get(one["job"], one["facts"].get(one["job"]))
        return lost


def faults(account: Account, final: Facts) -> Iterator[str]:
    """In words, everything of the stand-ins' that is not as it must be."""
    yield from _jobs(account, final)
    values = _Values(account)
    last = account.writes[-1]
    kept = {job_id: facts for job_id, facts in final.items() if job_id in last["facts"]}
    yield from _read_faults(values, {"at": last["at"], "until": float("inf"), "facts": kept})
    for read in account.reads:
        yield from _read_faults(values, read)


def _jobs(account: Account, final: Facts) -> Iterator[str]:
    """Creations and deletions, which no other of them can have undone."""
    made = {write["job"] for write in account.writes if write["kind"] == "create" and write["serial"] in account.done}
    gone = {write["job"] for write in account.writes if write["kind"] == "delete"}
    surely = {write["job"] for write in account.writes if write["kind"] == "delete" and write["serial"] in account.done}
    if lost := made - gone - final.keys():
        yield f"creations that are lost: {sorted(lost)}"
    if back := surely & final.keys():
        yield f"deletions that were undone: {sorted(back)}"


def _read_faults(values: "_Values", read: dict[str, Any]) -> Iterator[str]:
    for job_id, facts in read["facts"].items():
        for name, value in facts.items():
            allowed = values.allowed((job_id, name), read["until"], read["at"] - WITHIN)
            if allowed and value not in allowed:
                yield f"at {read['at']:.3f} {name} of {job_id} is {value}, allowed are {sorted(map(str, allowed))}"


class _Values:
    """Which value a field may have at a moment: that of a write that was the last one then, or of the
    last edit before; a shared job has no value before somebody gave it one."""

    def __init__(self, account: Account) -> None:
        self._writes = account.writes
        self._times = [write["at"] for write in account.writes]
        self._edits = account.edits()

    def allowed(self, key: Key, until: float, since: float) -> set[Any]:
        job_id, name = key
        first = max(0, bisect_right(self._times, since) - 1)
        found = set()
        for write in self._writes[first : bisect_right(self._times, until)]:
            if job_id in write["facts"]:
                found.add(write["facts"][job_id][name])
        edits = [value for at, value in self._edits.get(key, ()) if since <= at <= until]
        earlier = [value for at, value in self._edits.get(key, ()) if at < since]
        found.update(edits)
        found.update(earlier[-1:])
        if first == 0 and not job_id.startswith(OWN):
            found.update({None, "/srv/backup/photos"})
        return found
