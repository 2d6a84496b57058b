"""Logs as they are written and read: one harmless line each, in both forms, whatever the disk does."""

import gzip
import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import log_archive, run_log
from storage.data_folder import DataFolder
from storage.log_archive import LogLimits, archives, pack, rotate
from storage.log_files import log_files
from storage.log_line import LogLine
from storage.log_search import LogSearch
from storage.log_store import LogStore, RunLog
from storage.log_streams import Question
from storage.retention import Retention
from tests import build
from tests.build import JOB_ID
from tests.storage.test_job_store import LEGACY

NOON = datetime(2026, 11, 21, 12, 0, 0, 123_000, tzinfo=UTC)
RUN_ID = "20261121T070204123Z-a1b2c3"


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = build.data_folder(tmp_path)
    folder.run_folder(JOB_ID, RUN_ID).mkdir(parents=True)
    return folder


@pytest.fixture
def log(folder: DataFolder) -> RunLog:
    return RunLog(folder, "rsync", JOB_ID, RUN_ID)


def own(folder: DataFolder) -> Path:
    return folder.run_folder(JOB_ID, RUN_ID) / "output.log"


def legacy(folder: DataFolder) -> Path:
    return folder.logs / f"rsync_{JOB_ID}.log"


def tail(folder: DataFolder, limit: int = 500, job_id: str = "") -> tuple[LogLine, ...]:
    """The last lines of all logs, or of one job's."""
    return LogSearch(deadline=60).before(log_files(folder, job_id), Question(), limit=limit).lines


def numbers(folder: DataFolder, pattern: str = r"\] (\d+) ") -> list[int]:
    """Every numbered line of the job's shared log, put away or not, sorted."""
    contents = [archive.path.read_bytes() for archive in archives(folder.logs)]
    contents = [gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content for content in contents]
    text = b"".join([*contents, legacy(folder).read_bytes()]).decode()
    return sorted(int(number) for number in re.findall(pattern, text))


def test_a_line_stands_in_both_logs(folder: DataFolder, log: RunLog) -> None:
    log.write(NOON, "info", "copied ünï")
    log.write(NOON, "error", "it failed")
    log.flush()
    assert own(folder).read_text() == (
        "2026-11-21T12:00:00.123Z info copied ünï\n2026-11-21T12:00:00.123Z error it failed\n"
    )
    assert re.fullmatch(
        r"\[2026-11-2\d \d\d:\d\d:00\] copied ünï\n\[[^]]*\] Error: it failed\n", legacy(folder).read_text()
    )
    assert own(folder).stat().st_mode & 0o777 == 0o600


def test_one_record_is_one_harmless_line(folder: DataFolder, log: RunLog) -> None:
    log.write(NOON, "info", "a\n[2026-11-21 00:00:00] forged\r\x1b[2J\u202e\u2028\udcff")
    log.flush()
    for path in (own(folder), legacy(folder)):
        text = path.read_text()
        assert text.count("\n") == 1
        assert not set(text) & set("\r\x1b\u202e\u2028")
    assert r"a\n[2026-11-21 00:00:00] forged\r\x1b[2J\u202e\u2028\xff" in own(folder).read_text()


def test_a_huge_line_is_cut(folder: DataFolder, log: RunLog) -> None:
    log.write(NOON, "info", "x" * 10_000_000)
    log.flush()
    assert own(folder).stat().st_size < 10_000
    assert "9,991,808 more characters" in own(folder).read_text()


def test_the_legacy_log_stays_below_five_megabytes_and_loses_no_line(folder: DataFolder, log: RunLog) -> None:
    for number in range(1200):
        log.write(NOON, "info", f"{number} " + "y" * 8000)
        if number % 100 == 99:
            log.flush()
            assert legacy(folder).stat().st_size < 5_000_000
    names = sorted(path.name for path in folder.logs.iterdir())
    name = legacy(folder).name
    assert names == [name, f"{name}.20261121-120000-1.gz", f"{name}.20261121-120000.gz"]
    assert numbers(folder) == list(range(1200))
    assert own(folder).read_text().count("\n") == 1200


def test_a_line_that_a_kill_tore_is_ended_first(folder: DataFolder, log: RunLog) -> None:
    legacy(folder).write_text("[2020-01-01 00:00:00] 0 to")
    log.write(NOON, "info", "1 new")
    log.flush()
    log.write(NOON, "info", "2 new")
    log.flush()
    lines = legacy(folder).read_text().splitlines()
    assert lines[0] == "[2020-01-01 00:00:00] 0 to"
    assert [line.partition("] ")[2] for line in lines[1:]] == ["1 new", "2 new"]


def test_more_than_fits_at_once_is_put_away_in_pieces(folder: DataFolder) -> None:
    log = RunLog(folder, "rsync", JOB_ID, RUN_ID, LogLimits(1))
    for number in range(1000):
        log.write(NOON, "info", f"{number} " + "y" * 8000)
    log.flush()
    assert max(path.stat().st_size for path in folder.logs.iterdir()) < 1_000_000
    assert numbers(folder) == list(range(1000))


def test_a_log_of_the_legacy_app_that_is_huge_is_put_away_whole_and_compressed_by_others(
    folder: DataFolder, log: RunLog
) -> None:
    with legacy(folder).open("wb") as file:
        file.write(b"[2020-01-01 00:00:00] 0 first\n")
        file.truncate(50_000_000)
    log.write(NOON, "info", "1 after")
    log.flush()
    assert legacy(folder).stat().st_size < 100
    assert [archive.is_packed for archive in archives(folder.logs)] == [False], (
        "that would keep the run from its orders"
    )
    Retention(folder, LogLimits()).tidy(NOON, None)
    assert [archive.is_packed for archive in archives(folder.logs)] == [True]


def test_what_was_put_away_goes_when_it_is_too_much(folder: DataFolder) -> None:
    log = RunLog(folder, "rsync", JOB_ID, RUN_ID, LogLimits(1, total_megabytes=3))
    for _ in range(8):
        for _ in range(60):
            log.write(NOON, "info", os.urandom(4000).hex())
        log.flush()
        kept = sum(archive.size for archive in archives(folder.logs))
        assert kept < 3_000_000
    assert kept > 1_500_000


def test_a_run_that_says_too_much_says_what_it_left_out(folder: DataFolder) -> None:
    log = RunLog(folder, "rsync", JOB_ID, RUN_ID, run_limit=100_000)
    for number in range(10_000):
        log.write(NOON, "copy", f"{number} copied")
        if number % 1000 == 0:
            log.write(NOON, "error", f"error {number}")
            log.flush()
    log.write(NOON, "info", "the end")
    log.end()
    log.end()
    lines = [line.partition("Z ")[2] for line in own(folder).read_text().splitlines()]
    assert own(folder).stat().st_size < 125_000
    copied = [int(line.split()[1]) for line in lines if line.startswith("copy ")]
    first = copied[: len(copied) - 199]
    assert first == list(range(len(first)))
    assert copied[-199:] == list(range(9801, 10_000))
    assert [line for line in lines if line.startswith("error")] == [
        f"error error {number * 1000}" for number in range(10)
    ]
    assert lines.count("warn This log is full: from here on it keeps warnings and errors only.") == 1
    assert lines.count(f"warn {9801 - len(first):,} lines were left out. The last ones follow.") == 1
    assert lines[-1] == "info the end"
    assert numbers(folder, r"(\d+) copied") == list(range(10_000)), "the other log has them all"


def test_a_flood_of_errors_is_bounded_too(folder: DataFolder) -> None:
    log = RunLog(folder, "rsync", JOB_ID, RUN_ID, run_limit=100_000)
    for number in range(10_000):
        log.write(NOON, "error", f"{number} failed")
    log.end()
    assert 100_000 < own(folder).stat().st_size < 140_000


def test_an_archive_belongs_to_whom_the_log_belonged(folder: DataFolder) -> None:
    legacy(folder).write_bytes(b"[2020-01-01 00:00:00] 0\n" * 100_000)
    legacy(folder).chmod(0o640)
    if os.geteuid() == 0:
        os.chown(legacy(folder), 1234, 1235)
    before = legacy(folder).stat()
    pack(rotate(legacy(folder), NOON))
    (archive,) = archives(folder.logs)
    after = archive.path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert gzip.decompress(archive.path.read_bytes()).count(b"\n") == 100_000


def test_a_log_that_cannot_be_compressed_is_kept_as_it_is(
    folder: DataFolder, log: RunLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    legacy(folder).write_bytes(b"[2020-01-01 00:00:00] 0 old\n" * 180_000)
    with monkeypatch.context() as disk:
        disk.setattr(log_archive, "_write", full)
        log.write(NOON, "info", "1 new")
        log.flush()
    assert log.problem == ""
    assert [archive.is_packed for archive in archives(folder.logs)] == [False]
    assert len(list(folder.logs.iterdir())) == 2
    assert legacy(folder).read_text().endswith("1 new\n")
    Retention(folder, LogLimits()).tidy(NOON, None)
    assert [archive.is_packed for archive in archives(folder.logs)] == [True]
    assert len(numbers(folder, r"(\d+) old")) == 180_000


def test_the_log_of_a_deleted_job_is_put_away_if_we_ran_it(folder: DataFolder) -> None:
    other = folder.logs / "rsync_3f2b6c1e-0000-4000-8000-000000000001.log"
    for path in (legacy(folder), other):
        path.write_text("[2020-01-01 00:00:00] 0\n")
    store = LogStore(folder)
    for job_id in (JOB_ID, "3f2b6c1e-0000-4000-8000-000000000001"):
        store.put_away(job_id)
    assert other.exists()
    assert not legacy(folder).exists()
    assert len(archives(folder.logs)) == 1


@pytest.mark.parametrize("which", [own, legacy])
def test_a_log_of_a_gigabyte_opens_at_once(folder: DataFolder, which: Callable[[DataFolder], Path]) -> None:
    with which(folder).open("wb") as file:
        file.seek(1_000_000_000)
        lines = (f"[2020-01-01 00:00:{number % 60:02}] line {number}\n" for number in range(1000))
        file.write("".join(lines).encode())
    store = LogStore(folder)
    started = time.monotonic()
    found = tail(folder)
    text, _ = store.run_text(JOB_ID, RUN_ID, -1000)
    assert time.monotonic() - started < 1
    assert len(found) == 500 if which is legacy else text.endswith("line 999\n")


def test_a_full_disk_costs_lines_and_says_how_many(
    folder: DataFolder, log: RunLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write(NOON, "info", "before")
    log.flush()
    written = os.write

    def half(descriptor: int, content: bytes) -> int:
        if len(content) <= 4:
            raise OSError(28, "No space left on device")
        return written(descriptor, bytes(content[:4]))

    with monkeypatch.context() as full:
        full.setattr(run_log.os, "write", half)  # type: ignore[attr-defined]
        for text in ("lost", "lost too"):
            log.write(NOON, "info", text)
        log.flush()
        assert "the disk is full" in log.problem
    log.write(NOON, "info", "after")
    log.flush()
    assert log.problem == ""
    lines = own(folder).read_text().splitlines()
    assert lines[0].endswith("info before")
    assert lines[-2].endswith("warn 2 lines could not be written here.")
    assert lines[-1].endswith("info after")


def test_a_new_legacy_log_follows_its_folder(folder: DataFolder, log: RunLog) -> None:
    folder.logs.chmod(0o755)
    log.write(NOON, "info", "a")
    log.flush()
    assert legacy(folder).stat().st_mode & 0o777 == 0o644


def test_text_is_read_in_whole_lines_from_an_offset(folder: DataFolder) -> None:
    store = LogStore(folder)
    assert store.run_text(JOB_ID, RUN_ID) == ("", 0)
    own(folder).write_text("first\nsecond ü\nhalf")
    assert store.run_text(JOB_ID, RUN_ID) == ("first\nsecond ü\n", 16)
    assert store.run_text(JOB_ID, RUN_ID, offset=6) == ("second ü\n", 16)
    assert store.run_text(JOB_ID, RUN_ID, offset=0, limit=8) == ("first\n", 6)
    assert store.run_text(JOB_ID, RUN_ID, offset=6, limit=3) == ("second ü\n", 16)
    assert store.run_text(JOB_ID, RUN_ID, offset=99) == ("", 99)
    assert store.run_text(JOB_ID, RUN_ID, offset=10**15 - 1) == ("", 10**15 - 1), "more than a file system can seek"
    assert store.run_text(JOB_ID, RUN_ID, offset=-99) == ("first\nsecond ü\n", 16)


def test_logs_of_all_jobs_are_merged_by_time(folder: DataFolder) -> None:
    (folder.logs / "rsync_a.log").write_text("[2020-11-21 10:00:01] one\n[2020-11-21 10:00:03] Error: three\n")
    (folder.logs / "rclone_b.log").write_text("[2020-11-21 10:00:02] two\n[2020-11-21 10:00:04] four\nand more\n")
    (folder.logs / "rsync_c.log.1").write_text("[2020-11-21 10:00:00] put away\n")
    found = tail(folder)
    assert [(line.job_id, line.level, line.text) for line in found] == [
        ("c", "info", "put away"),
        ("a", "info", "one"),
        ("b", "info", "two"),
        ("a", "error", "three"),
        ("b", "info", "four"),
        ("b", "info", "and more"),
    ]
    assert [line.text for line in tail(folder, 2)] == ["four", "and more"]
    assert [line.text for line in tail(folder, job_id="a")] == ["one", "three"]


@pytest.mark.parametrize("sample", sorted(LEGACY.glob("*.log")), ids=lambda path: path.name)
def test_logs_of_the_legacy_app_are_read(folder: DataFolder, sample: Path) -> None:
    (folder.logs / "rsync_a.log").write_bytes(sample.read_bytes())
    found = tail(folder, 10_000)
    wanted = [line for line in sample.read_text().splitlines() if line]
    assert len(found) == len(wanted)
    assert all(line.text in original for line, original in zip(found, wanted, strict=True))
