"""What we changed lately is told, oldest first, and forgotten after a while."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.change_journal import Change, ChangeJournal
from utils.clock import SystemClock


class SetClock(SystemClock):
    moment = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


def test_recent_changes_are_told_oldest_first(tmp_path: Path) -> None:
    clock = SetClock()
    journal = ChangeJournal(tmp_path / "changes.jsonl", clock)
    assert journal.recent(30) == ()
    journal.append([Change("a", "name", "old", "new")])
    clock.moment += timedelta(seconds=20)
    journal.append([Change("b", "status", "x", "y"), Change("b", "progress", {"percent": 0}, {"percent": 1})])
    journal.append([])
    told = [(change.job_id, change.field, change.new) for change in journal.recent(30)]
    assert told == [("a", "name", "new"), ("b", "status", "y"), ("b", "progress", {"percent": 1})]
    assert journal.recent(30)[0].at == "2026-11-21T07:00:00.000Z"
    clock.moment += timedelta(seconds=15)
    assert [change.job_id for change in journal.recent(30)] == ["b", "b"]
    assert (tmp_path / "changes.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_torn_end_and_strange_lines_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    journal = ChangeJournal(path)
    journal.append([Change("a", "name", 1, 2)])
    path.write_bytes(path.read_bytes() + b'[1]\n{"changes": [{"x": 1}]}\n{"changes": [{"job')
    journal.append([Change("b", "name", 1, 2)])
    assert [change.job_id for change in journal.recent(60)] == ["a", "b"]


def test_old_changes_are_forgotten(tmp_path: Path) -> None:
    clock = SetClock()
    path = tmp_path / "changes.jsonl"
    journal = ChangeJournal(path, clock)
    for _ in range(10):
        journal.append([Change("old", "job", None, "x" * 40_000)])
    assert path.stat().st_size > 400_000
    clock.moment += timedelta(minutes=25)
    journal.append([Change("new", "name", 1, 2)])
    assert path.stat().st_size < 1_000
    assert [change.job_id for change in journal.recent(3600)] == ["new"]
