"""Reading the audit log: newest first, from any place on, and no more of it than is asked for."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from models.audit import AuditRecord
from storage.audit_log import AuditLog, audit_file, audit_parts
from storage.audit_reading import Place, Wanted, lines_before, newest_first, place_of
from storage.data_folder import DataFolder
from tests import build
from utils.clock import parse_utc, utc_text

BEGIN = parse_utc("2026-11-01T00:00:00.000Z")


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


def hourly(folder: DataFolder, count: int, part_bytes: int = 1000, begin: datetime = BEGIN) -> None:
    """A record an hour; names are their numbers."""
    log = AuditLog(folder, part_bytes)
    for number in range(count):
        account = "anna" if number % 2 else "Berta"
        action, outcome = ("run.start", "done") if number % 3 else ("job.delete", "refused")
        at = utc_text(begin + timedelta(hours=number))
        log.append([AuditRecord(at, action, outcome, account=account, names=(str(number),))])  # type: ignore[arg-type]


def numbers(folder: DataFolder, wanted: Wanted = Wanted(), before: Place | None = None) -> list[int]:  # noqa: B008
    return [int(found.names[0]) for _, found in newest_first(folder, wanted, before) if found]


def test_records_of_all_parts_come_newest_first(folder: DataFolder) -> None:
    hourly(folder, 50)
    assert len(audit_parts(folder)) >= 3
    assert numbers(folder) == list(reversed(range(50)))


def test_without_a_log_there_is_nothing(folder: DataFolder) -> None:
    assert numbers(folder) == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(account="ANNA"), [11, 9, 7, 5, 3, 1]),
        (Wanted(account="ert"), [10, 8, 6, 4, 2, 0]),
        (Wanted(action="job.delete"), [9, 6, 3, 0]),
        (Wanted(action="job."), [9, 6, 3, 0]),
        (Wanted(action="job"), []),
        (Wanted(outcome="refused", account="anna"), [9, 3]),
        (Wanted(since="2026-11-01T09:00:00.000Z"), [11, 10, 9]),
        (Wanted(until="2026-11-01T02:00:00.000Z"), [1, 0]),
        (Wanted(since="2026-11-01T02:00:00.000Z", until="2026-11-01T04:00:00.000Z"), [3, 2]),
    ],
)
def test_what_is_asked_for_is_found_and_nothing_else(folder: DataFolder, wanted: Wanted, found: list[int]) -> None:
    hourly(folder, 12)
    assert numbers(folder, wanted) == found


@pytest.mark.parametrize("account", ["straße", "STRASSE", "ss", 'a"b', "a\\b", "back\\\\slash", "é", "\u202e", "b"])
def test_an_account_is_found_by_any_part_of_its_name_in_any_case(folder: DataFolder, account: str) -> None:
    names = ["Straße", 'x a"b', "A\\B", "back\\\\slash", "É", "right\u202eleft"]
    AuditLog(folder).append([AuditRecord(build.MOMENT, "run.start", account=name, names=(name,)) for name in names])
    kept = [found.account for _, found in newest_first(folder, Wanted()) if found]
    found = [found.account for _, found in newest_first(folder, Wanted(account=account)) if found]
    assert found == [name for name in kept if account.casefold() in name.casefold()]


def test_a_place_stays_good_when_its_part_is_put_away(folder: DataFolder) -> None:
    hourly(folder, 40, part_bytes=100_000)
    place = next(place for place, found in newest_first(folder, Wanted()) if found and found.names == ("20",))
    hourly(folder, 1, part_bytes=1, begin=BEGIN + timedelta(days=9))
    assert len(audit_parts(folder)) == 1
    assert numbers(folder, before=place) == list(reversed(range(20)))
    assert place_of(place.cursor) == place


@pytest.mark.parametrize("cursor", ["", "x", "1", "1.x", "-1.2", "1.2.3", "٣.1", "1." + "9" * 30])
def test_what_is_no_cursor_is_none(cursor: str) -> None:
    assert place_of(cursor) is None


def test_a_part_that_is_put_away_between_two_looks_is_read_once(folder: DataFolder) -> None:
    hourly(folder, 5, part_bytes=100_000)
    reading = newest_first(folder, Wanted())
    first = next(reading)[1]
    hourly(folder, 1, part_bytes=1, begin=BEGIN + timedelta(days=9))
    rest = [int(found.names[0]) for _, found in reading if found]
    assert first is not None
    assert [int(first.names[0]), *rest] == [4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\x00 no json",
        b'{"at":"2026-11',
        b"[]",
        b'{"at":"2026-11-01T03:00:00.000Z"}',
        b'{"at":"2026-11-01T03:00:00.000Z","action":5}',
        b'{"at":"2026-11-01T03:00:00.000Z","action":"run.start","names":7}',
        b'{"at":"2026-11-01T03:00:00.000Z",' + b"[" * 5000,
    ],
)
def test_a_line_that_is_no_record_is_passed_over(folder: DataFolder, line: bytes) -> None:
    hourly(folder, 3)
    with audit_file(folder).open("ab") as file:
        file.write(line + b"\n")
    hourly(folder, 1, begin=BEGIN + timedelta(days=1))
    assert numbers(folder, Wanted(account="berta")) == [0, 2, 0]


def test_a_record_of_a_newer_version_is_read_as_far_as_it_is_known(folder: DataFolder) -> None:
    text = b'{"at":"2026-11-01T03:00:00.000Z","action":"run.start","names":["1"],"colour":"blue"}\n'
    audit_file(folder).write_bytes(text)
    assert numbers(folder) == [1]


def test_what_lies_outside_the_time_is_not_read(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    hourly(folder, 2000, part_bytes=20_000)
    assert len(audit_parts(folder)) > 8
    read, real = list[int](), os.pread

    def counted(descriptor: int, size: int, offset: int) -> bytes:
        found = real(descriptor, size, offset)
        read.append(len(found))
        return found

    monkeypatch.setattr(os, "pread", counted)
    day = BEGIN + timedelta(hours=1000)
    wanted = Wanted(since=utc_text(day), until=utc_text(day + timedelta(hours=3)))
    assert numbers(folder, wanted) == [1002, 1001, 1000]
    assert sum(read) < 5 * 20_000


def test_records_of_an_hour_that_came_twice_are_found(folder: DataFolder) -> None:
    """The clock was put back: the newer part begins before the older one ends."""
    hourly(folder, 20)
    hourly(folder, 20, begin=BEGIN - timedelta(hours=5))
    wanted = Wanted(since=utc_text(BEGIN + timedelta(hours=3)), until=utc_text(BEGIN + timedelta(hours=5)))
    assert sorted(numbers(folder, wanted)) == [3, 4, 8, 9]


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_lines_are_whole_wherever_they_lie(tmp_path: Path, size: int) -> None:
    lines = [b"a" * size, b"b", b"c" * 70_000, b"d"]
    path = tmp_path / "lines"
    path.write_bytes(b"\n".join(lines))
    with path.open("rb") as file:
        found = list(lines_before(file.fileno(), path.stat().st_size))
    assert [line for _, line in reversed(found)] == [line for line in lines if line]
    assert all(path.read_bytes()[at : at + len(line)] == line for at, line in found)
