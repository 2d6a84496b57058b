"""Pages of log lines over many files: in the order of time, none lost, none twice, whatever stands in the files."""

import gzip
import os
import random
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.data_folder import DataFolder
from storage.log_archive import archives, pack, rotate, stamp_of
from storage.log_files import Looks, log_files, run_file
from storage.log_line import LogLine, _minute, _told, shared_head
from storage.log_merge import Merge
from storage.log_search import LogPage, LogSearch, cursor_of, key_of
from storage.log_streams import Key, Question
from tests import build
from utils.needle import literals, pattern

START = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
WORDS = ("copied", "Permission denied", "checking", "Übergröße", "vanished")


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The server's zone is one with summer time."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    _minute.cache_clear()
    _told.cache_clear()
    shared_head.cache_clear()
    yield
    monkeypatch.undo()
    time.tzset()
    _minute.cache_clear()
    _told.cache_clear()
    shared_head.cache_clear()


def patient() -> LogSearch:
    """Looks to the end, however busy the machine is."""
    return LogSearch(deadline=60)


def write(folder: DataFolder, job: str, lines: list[str], modified: datetime | None = None) -> Path:
    """A log of the job, last written at its last line or at `modified`."""
    path = folder.logs / f"rsync_{job}.log"
    path.write_text("".join(f"{line}\n" for line in lines), errors="surrogateescape")
    if modified:
        os.utime(path, (modified.timestamp(), modified.timestamp()))
    return path


def stamped(moment: datetime, text: str) -> str:
    return f"[{moment.astimezone():%Y-%m-%d %H:%M:%S}] {text}"


def history(folder: DataFolder, seed: int = 7, jobs: int = 5, lines: int = 900) -> list[str]:
    """Logs of several jobs, partly put away, partly compressed; what stands in them, oldest first."""
    dice, told = random.Random(seed), []
    for number in range(jobs):
        moment, kept = START, []
        for index in range(lines):
            moment += timedelta(seconds=dice.choice((0, 0, 1, 1, 2, 30)))
            level = dice.choice(("", "", "", "Warning: ", "Error: "))
            kept.append(stamped(moment, f"{level}{dice.choice(WORDS)} {number}-{index}"))
            told.append((moment, f"rsync_job{number}", index, f"{number}-{index}"))
            if index in {lines // 3, lines // 2}:
                rotated = rotate(write(folder, f"job{number}", kept, moment), moment)
                kept = []
                if index == lines // 3:
                    pack(rotated)
        write(folder, f"job{number}", kept, moment)
    return [text for *_, text in sorted(told)]


def everything(folder: DataFolder, question: Question = Question()) -> Iterator[LogLine]:  # noqa: B008
    """As it is handed out whole."""
    rows = patient().all(log_files(folder), question)
    return (LogLine(*row[1:]) for piece in rows for row in piece)


def names(page: LogPage) -> list[str]:
    return [line.text.rsplit(" ", 1)[1] for line in page.lines]


def pages_back(folder: DataFolder, question: Question, limit: int, search: LogSearch | None = None) -> list[str]:
    """Everything that answers, put together from pages of `limit` lines, oldest first."""
    search, found, cursor = search or patient(), list[str](), ""
    while True:
        page = search.before(log_files(folder), question, key_of(cursor) if cursor else None, limit)
        assert len(page.entries) <= limit
        found = [*names(page), *found]
        if not page.older:
            return found
        assert page.older != cursor, "the search does not come on"
        cursor = page.older


@pytest.mark.parametrize("limit", [1, 7, 500, 100_000])
def test_pages_to_older_lines_hold_every_line_once_in_the_order_of_time(folder: DataFolder, limit: int) -> None:
    told = history(folder, lines=900 if limit > 1 else 60)
    assert pages_back(folder, Question(), limit) == told


def test_pages_to_newer_lines_lead_back_the_same_way(folder: DataFolder) -> None:
    told = history(folder)
    search, found, key = patient(), list[str](), Key(0, "", 0)
    while True:
        page = search.after(log_files(folder), Question(), key, 333)
        found += names(page)
        if not page.newer:
            break
        key = page.entries[-1].key
    assert found == told


def test_everything_in_a_row_is_what_the_pages_hold(folder: DataFolder) -> None:
    history(folder)
    for question in (Question(), Question("PERMISSION"), Question("übergr"), Question(level="warn")):
        row = [line.text.rsplit(" ", 1)[1] for line in everything(folder, question)]
        assert row == pages_back(folder, question, 100)
        assert row


def test_what_comes_while_an_export_runs_is_not_placed_among_older_lines(folder: DataFolder) -> None:
    now = datetime.now(UTC)
    path = write(folder, "a", [stamped(now, f"line {number}") for number in range(30_000)])
    export = everything(folder)
    assert next(export).text == "line 0"
    with path.open("a") as log:
        log.write(stamped(now, "late") + "\n")
    assert [line.text for line in export] == [f"line {number}" for number in range(1, 30_000)]


def test_a_cursor_stays_good_while_logs_grow_and_are_put_away(folder: DataFolder) -> None:
    told = history(folder)
    search = patient()
    first = search.before(log_files(folder), Question(), None, 50)
    for path in sorted(folder.logs.glob("*.log")):
        with path.open("a") as log:
            log.write(stamped(START + timedelta(days=30), "new 9-9") + "\n")
    rest = search.before(log_files(folder), Question(), key_of(first.older), 100_000)
    assert names(rest) + names(first) == told
    for path in sorted(folder.logs.glob("*.log")):
        pack(rotate(path, datetime.now(UTC)))
    rest = search.before(log_files(folder), Question(), key_of(first.older), 100_000)
    assert names(rest)[: len(told) - 50] == told[:-50], "what is older is there, before all else"


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_log_that_is_put_away_while_it_is_read_is_read_on(folder: DataFolder, is_packed: bool) -> None:
    lines = [stamped(START + timedelta(seconds=number), f"line {number}") for number in range(60_000)]
    pack(rotate(write(folder, "a", [stamped(START, "older")]), START))
    path = write(folder, "a", lines)
    row = everything(folder)
    assert next(row).text == "older"
    found = [next(row).text]
    rotated = rotate(path, datetime.now(UTC))
    if is_packed:
        pack(rotated)
    write(folder, "a", [stamped(START + timedelta(days=1), "another log")])
    found += [line.text for line in row]
    assert found == [f"line {number}" for number in range(60_000)]


def test_an_archive_that_is_compressed_while_it_is_read_is_read_on(folder: DataFolder) -> None:
    lines = [stamped(START + timedelta(seconds=number), f"line {number}") for number in range(60_000)]
    rotated = rotate(write(folder, "a", lines), datetime.now(UTC))
    row = everything(folder)
    found = [next(row).text]
    pack(rotated)
    assert not rotated.exists()
    assert [*found, *(line.text for line in row)] == [f"line {number}" for number in range(60_000)]


@pytest.mark.parametrize("is_packed", [False, True])
def test_more_logs_are_read_in_turn_than_files_may_be_open(folder: DataFolder, is_packed: bool) -> None:
    for number in range(80):
        lines = [stamped(START + timedelta(seconds=index), f"{number} {index} {'x' * 60}") for index in range(600)]
        path = write(folder, f"job{number}", lines)
        if is_packed:
            pack(rotate(path, START + timedelta(hours=1)))
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 20, limits[1]))
    try:
        row = [line.text for line in everything(folder)]
        page = patient().after(log_files(folder), Question(), Key(0, "", 0), 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert len(row) == 80 * 600
    assert [line.text for line in page.lines] == row
    assert page.unreadable == ()


def test_a_name_whose_day_no_calendar_has_is_dated_by_its_file(folder: DataFolder) -> None:
    write(folder, "a", [stamped(START, "now")])
    odd = write(folder, "b", [stamped(START, "odd")], START).rename(folder.logs / "rsync_b.log.20261399-000000")
    write(folder, "b", [stamped(START + timedelta(seconds=1), "next")])
    assert [line.text for line in patient().before(log_files(folder), Question()).lines] == ["now", "odd", "next"]
    assert [archive.stamp for archive in archives(odd.parent)] == [stamp_of(START)]


@pytest.mark.parametrize(
    ("name", "look", "found"),
    [("rsync_a.log", "listdir", ["goes", "stays"]), ("rsync_a.log.20260601-000000", "scandir", ["stays"])],
)
def test_a_log_that_is_put_away_while_the_folder_is_looked_at_hides_no_other(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, name: str, look: str, found: list[str]
) -> None:
    write(folder, "b", [stamped(START, "stays")])
    path = write(folder, "a", [stamped(START, "goes")]).rename(folder.logs / name)
    (folder.logs / "rsync_c.log.20260601-000000").write_text("")
    looked = getattr(os, look)

    def look_then_rotate(place: Any) -> Any:
        listed = list(looked(place))
        if path.exists():
            path.rename(folder.logs / "rsync_a.log.20260602-000000")
        return nullcontext(listed) if look == "scandir" else listed

    monkeypatch.setattr(os, look, look_then_rotate)
    assert [line.text for line in patient().before(log_files(folder), Question()).lines] == found


def test_what_comes_goes_and_grows_is_seen(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that was written lately at once; one that was silent for long within two seconds."""
    silent, lively = write(folder, "a", [stamped(START, "a1")], START), write(folder, "b", [stamped(START, "b1")])
    os.utime(folder.logs, (START.timestamp(), START.timestamp()))  # c may come in the same tick of the kernel as b
    monkeypatch.setattr("storage.log_files._OFTEN", 3600.0)

    looks = Looks()

    def shown(looks: Looks | None = looks) -> set[str]:
        return {line.text for line in patient().before(log_files(folder, "", looks), Question()).lines}

    assert shown() == {"a1", "b1"}
    for path in (silent, lively):
        with path.open("a") as log:
            log.write(stamped(START, f"{path.stem[-1]}2") + "\n")
    assert shown() == {"a1", "b1", "b2"}
    assert shown(None) == {"a1", "a2", "b1", "b2"}, "who looks for the first time looks at all"
    monkeypatch.setattr("storage.log_files._OFTEN", 0.0)
    assert shown() == {"a1", "a2", "b1", "b2"}
    monkeypatch.setattr("storage.log_files._OFTEN", 3600.0)
    write(folder, "c", [stamped(START, "c1")], START)
    assert shown() == {"a1", "a2", "b1", "b2", "c1"}
    lively.unlink()
    assert shown() == {"a1", "a2", "c1"}


@pytest.mark.parametrize("tail", ["", f"\n{stamped(START, 'last')}\n"])
def test_a_line_without_an_end_is_not_looked_through_and_its_log_is_named(folder: DataFolder, tail: str) -> None:
    path = write(folder, "a", [stamped(START, "first")])
    with path.open("a") as log:
        log.truncate(300 << 20)
        log.seek(0, os.SEEK_END)
        log.write(tail)
    write(folder, "b", [stamped(START, "of another")])
    page = patient().before(log_files(folder), Question())
    assert page.unreadable == ("rsync_a.log",)
    assert {line.text for line in page.lines} == {"of another", *(["last"] if tail else [])}
    row = [line.text for line in everything(folder)]
    assert row == ["first", "of another", "The log rsync_a.log could not be read."]


def test_lines_of_some_time_of_some_level_with_some_text_are_found(folder: DataFolder) -> None:
    history(folder)
    every = patient().before(log_files(folder), Question(), None, 100_000).entries
    since, until = every[1000].key.moment, every[3000].key.moment
    within = [entry.line for entry in every if since <= entry.key.moment < until and entry.line]
    asked = Question("permission DENIED", "error", since, until)
    found = patient().before(log_files(folder), asked, None, 100_000).lines
    assert list(found) == [line for line in within if line.level == "error" and "Permission denied" in line.text]
    assert found
    assert patient().before(log_files(folder), Question(level="error", since=until), None, 100_000).lines == tuple(
        entry.line for entry in every if entry.line and entry.line.level == "error" and entry.key.moment >= until
    )


def test_one_job_is_read_alone(folder: DataFolder) -> None:
    told = history(folder)
    page = patient().before(log_files(folder, "job3"), Question(), None, 100_000)
    assert names(page) == [text for text in told if text.startswith("3-")]
    assert log_files(folder, "job") == []


def test_a_search_whose_time_is_up_says_how_far_it_came_and_goes_on_there(folder: DataFolder) -> None:
    told = history(folder, jobs=3, lines=2000)
    hurried = LogSearch(deadline=0.0)
    first = hurried.before(log_files(folder), Question("nowhere at all"), None, 10)
    assert first.lines == ()
    assert first.reached
    assert pages_back(folder, Question("denied"), 100_000, hurried) == pages_back(folder, Question("denied"), 100_000)
    assert pages_back(folder, Question("nowhere at all"), 10, hurried) == []
    assert pages_back(folder, Question(), 100_000, hurried) == told


def test_files_that_cannot_hold_the_text_are_left_out(folder: DataFolder) -> None:
    for number in range(8):
        filler = [stamped(START, f"{'x' * 8000} {index}") for index in range(700)]
        write(folder, f"job{number}", [*filler, stamped(START, f"{'needle' if number == 5 else 'straw'} {number}")])
    asked: list[tuple[bytes, int]] = []

    def holders(literal: bytes, paths: list[str]) -> list[str]:
        asked.append((literal, len(paths)))
        return [path for path in paths if literal in Path(path).read_bytes()]

    search = LogSearch(lambda: time.sleep(0.03), holders, deadline=30)
    page = search.before(log_files(folder), Question("NEEDLE"))
    assert [line.text for line in page.lines] == ["needle 5"]
    assert (page.older, page.reached) == ("", 0)
    assert asked[0][0] == b"needle"
    assert len(asked) == 1


def test_of_a_file_that_is_left_out_nothing_more_is_read_though_the_row_stands_at_it(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for job in ("a", "b"):
        write(folder, job, [stamped(START, "straw")])
    merge = Merge(log_files(folder), Question("needle"), Key(1 << 62, "", 0), is_backward=True)
    rows, opened = iter(merge), list[str]()
    assert next(rows).line is None
    monkeypatch.setattr("storage.log_streams.opened", lambda file: opened.append(file.path))
    merge.keep(lambda _paths: [])
    assert (list(rows), opened, merge.unreadable) == ([], [], [])


def test_giant_lines_and_binary_dirt_are_shown_in_part_and_harmlessly(folder: DataFolder) -> None:
    path = folder.logs / "rsync_a.log"
    with path.open("wb") as log:
        log.write(b"[2026-06-01 10:00:00] first\n[2026-06-01 10:00:01] giant ")
        for _ in range(100):
            log.write(b"y" * 1_000_000)
        log.write(b"\n[2026-06-01 10:00:02] \x1b[2J\x00\xff\xe2\x80\xae\r\nundated\n\n[2026-13-45 99:99:99] no day\n")
        log.write(b"\x00" * 3_000_000 + b"\n[2026-06-01 10:00:03] last\nwithout an end")
    page = patient().before(log_files(folder), Question())
    assert [line.text[:30] for line in page.lines] == [
        "first", "giant yyyyyyyyyyyyyyyyyyyyyyyy", r"\x1b[2J\x00\xff\u202e", "undated",
        "[2026-13-45 99:99:99] no day", r"\x00\x00\x00\x00\x00\x00\x00\x", "last",
    ]  # fmt: skip
    assert page.lines[1].text.endswith("y … (99,991,814 more bytes)")
    assert len(page.lines[1].text) < 9000
    assert [line.text for line in everything(folder)] == [line.text for line in page.lines]
    assert [line.at for line in page.lines[2:5]] == [page.lines[2].at] * 3
    assert [line.text for line in patient().before(log_files(folder), Question("UNDATED")).lines] == ["undated"]
    assert [line.text[:8] for line in patient().before(log_files(folder), Question(r"\x1b[2j")).lines] == [
        r"\x1b[2J\x"[:8]
    ]


def test_a_forged_time_moves_no_other_line(folder: DataFolder) -> None:
    write(folder, "a", ["[2026-06-01 10:00:00] one", "[2099-01-01 00:00:00] forged", "[2026-06-01 10:00:02] three"])
    write(folder, "b", ["[2026-06-01 10:00:01] two", "[2026-06-01 10:00:03] four"])
    for path in folder.logs.glob("*.log"):
        os.utime(path, (START.timestamp(), START.timestamp()))
    back = [line.text for line in patient().before(log_files(folder), Question()).lines]
    assert back == ["one", "two", "forged", "three", "four"]
    page = patient().before(log_files(folder), Question(), None, 3)
    older = patient().before(log_files(folder), Question(), key_of(page.older), 3)
    assert [line.text for line in (*older.lines, *page.lines)] == back


def test_the_hour_that_comes_twice_stands_in_its_order(berlin: None, folder: DataFolder) -> None:
    hour = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # 02:00 in summer, an hour before 02:00 in winter
    for job, shift in (("a", 0), ("b", 7)):
        moments = [hour + timedelta(minutes=10 * number + shift) for number in range(-6, 18)]
        write(folder, job, [stamped(moment, f"{job} {moment:%H:%M}") for moment in moments], moments[-1])
    page = patient().before(log_files(folder), Question())
    told = [line.text.partition(" ")[2] for line in page.lines]
    assert told == [line.at[11:16] for line in page.lines]
    assert len(told) == 48
    assert [line.at for line in page.lines] == sorted(line.at for line in page.lines)
    assert list(everything(folder)) == list(page.lines)
    for number in range(48):
        key = page.entries[number].key
        assert patient().before(log_files(folder), Question(), key, 100).lines == page.lines[:number]
        assert patient().after(log_files(folder), Question(), key, 100).lines == page.lines[number + 1 :]


def test_a_damaged_archive_gives_what_can_be_read(folder: DataFolder) -> None:
    lines = [
        stamped(START + timedelta(seconds=number), f"line {number} {os.urandom(40).hex()}") for number in range(9000)
    ]
    archive = folder.logs / "rsync_a.log.20260602-000000.gz"
    archive.write_bytes(gzip.compress("\n".join(lines).encode())[:200_000])
    (folder.logs / "rsync_b.log.20260602-000000.gz").write_bytes(b"no archive at all")
    found = patient().before(log_files(folder), Question(), None, 100_000).lines
    assert 1000 < len(found) < 9000
    assert [line.text.split()[1] for line in found] == [str(number) for number in range(len(found))]


def test_a_log_that_may_not_be_read_is_named_and_hides_no_other(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "a", [stamped(START, "fine")])
    refused = write(folder, "b", [stamped(START, "secret")])
    opened: Callable[..., int] = os.open

    def refuse(path: str, *arguments: int, **named: int) -> int:
        if str(path) == str(refused):
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **named)

    monkeypatch.setattr(os, "open", refuse)
    page = patient().before(log_files(folder), Question())
    assert ([line.text for line in page.lines], page.unreadable) == (["fine"], ("rsync_b.log",))
    row = [line.text for line in everything(folder)]
    assert row == ["fine", "The log rsync_b.log could not be read."]


def test_a_run_s_own_log_is_read_like_the_others(folder: DataFolder) -> None:
    run_id = "20261121T070204123Z-a1b2c3"
    place = folder.run_folder("job", run_id)
    assert run_file(folder, "job", run_id) == []
    place.mkdir(parents=True)
    levels = ("info", "copy", "warn", "error")
    lines = [f"2026-06-01T10:00:{number:02}.{number:03}Z {levels[number % 4]} said {number}" for number in range(60)]
    (place / "output.log").write_text("\n".join(lines) + "\n")
    page = patient().before(run_file(folder, "job", run_id), Question(), None, 1000)
    assert [f"{line.at} {line.level} {line.text}" for line in page.lines] == lines
    assert len(patient().before(run_file(folder, "job", run_id), Question(level="warn")).lines) == 30
    found = patient().before(run_file(folder, "job", run_id), Question("SAID 59"))
    assert [line.level for line in found.lines] == ["error"]


@pytest.mark.parametrize("cursor", ["", "x", "1.2", "-1.2.a", "1.2.../../etc", "9" * 30 + ".1.a", "1.2.a\n", "1.2.a/b"])
def test_what_is_no_cursor_is_none(cursor: str) -> None:
    assert key_of(cursor) is None


def test_a_cursor_says_the_same_place_again() -> None:
    key = Key(1_795_293_724_000, "rsync_8d88348a-7eed.log~", -1)
    assert key_of(cursor_of(key)) == key


@pytest.mark.parametrize(
    ("wanted", "shown", "found"),
    [
        ("straße", "STRAßE straße", ["STRAßE", "straße"]),
        ("ÜBER", "über Über uber", ["über", "Über"]),
        ("σ", "Σ σ", ["Σ", "σ"]),
        ("a.b", "a.b aXb A.B", ["a.b", "A.B"]),
        ("İ", "İ i", ["İ"]),
        ("[x]*", "[x]* [X]* x", ["[x]*", "[X]*"]),
    ],
)
def test_letters_match_in_either_case_and_nothing_else_does(wanted: str, shown: str, found: list[str]) -> None:
    assert pattern(wanted).findall(shown) == found


@pytest.mark.parametrize("wanted", ["straße", "ÜBER", "é", "Σ", r"\x1b[2J", r"\x1b", "Permission", "日本", "k"])
def test_no_line_is_passed_over_that_shows_what_is_wanted(wanted: str, folder: DataFolder) -> None:
    shown = wanted.replace(r"\x1b", "\x1b")
    upper = "".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in shown)
    write(folder, "a", [stamped(START, text) for text in (shown, upper, f"1 {shown.lower()} 2", "nothing")])
    found = patient().before(log_files(folder), Question(wanted)).lines
    assert len(found) == 3
    assert all(literal == literal.lower() for literal in literals(wanted))


@pytest.mark.parametrize("each", [1, 2, 3, 40])
def test_the_newest_of_very_many_logs_are_found_as_if_all_were_read(folder: DataFolder, each: int) -> None:
    chance = random.Random(each)
    for number in range(400):
        last = START + timedelta(minutes=chance.randrange(1000))
        lines = [stamped(last - timedelta(seconds=30 * back), f"{number} {back}") for back in reversed(range(each))]
        write(folder, build.job().id, lines, last)
    files = log_files(folder)
    for limit in (1, 250, 251, 399, 400, 500):
        found = patient().before(files, Question(), limit=limit)
        everything = patient()._before(files, Question(), None, limit)
        assert [entry.key for entry in found.entries] == [entry.key for entry in everything.entries]
        assert (found.older, found.newer) == (everything.older, everything.newer)
