"""Logs as they are written and read: one harmless line each, in both forms, whatever the disk does."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import run_log
from storage.data_folder import DataFolder
from storage.log_store import LogStore, RunLog
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


def test_the_legacy_log_stays_below_five_megabytes(folder: DataFolder, log: RunLog) -> None:
    for _ in range(12):
        for _ in range(100):
            log.write(NOON, "info", "y" * 8000)
        log.flush()
    names = sorted(path.name for path in folder.logs.iterdir())
    assert names == [legacy(folder).name, legacy(folder).name + ".1"]
    assert legacy(folder).stat().st_size < 5_000_000
    assert own(folder).read_text().count("\n") == 1200


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
    assert store.run_text(JOB_ID, RUN_ID, offset=99)[0] == ""
    assert store.run_text(JOB_ID, RUN_ID, offset=-99) == ("first\nsecond ü\n", 16)


def test_the_end_of_a_long_log_is_read_from_its_end(folder: DataFolder) -> None:
    lines = [f"2026-11-21T12:00:00.123Z info line {number} {'z' * (number % 300)}" for number in range(5_000)]
    own(folder).write_text("\n".join(lines) + "\nhalf a line")
    found = LogStore(folder).run_tail(JOB_ID, RUN_ID, 700)
    assert [line.text for line in found] == [line.partition(" info ")[2] for line in lines[-700:]]
    assert (found[0].at, found[0].level, found[0].job_id) == ("2026-11-21T12:00:00.123Z", "info", JOB_ID)


def test_logs_of_all_jobs_are_merged_by_time(folder: DataFolder) -> None:
    (folder.logs / "rsync_a.log").write_text("[2020-11-21 10:00:01] one\n[2020-11-21 10:00:03] Error: three\n")
    (folder.logs / "rclone_b.log").write_text("[2020-11-21 10:00:02] two\n[2020-11-21 10:00:04] four\nand more\n")
    (folder.logs / "rsync_c.log.1").write_text("[2020-11-21 10:00:05] not shown\n")
    found = LogStore(folder).tail()
    assert [(line.job_id, line.level, line.text) for line in found] == [
        ("a", "info", "one"),
        ("b", "info", "two"),
        ("a", "error", "three"),
        ("b", "info", "four"),
        ("b", "info", "and more"),
    ]
    assert [line.text for line in LogStore(folder).tail(2)] == ["four", "and more"]
    assert [line.text for line in LogStore(folder).tail(job_id="a")] == ["one", "three"]


@pytest.mark.parametrize("sample", sorted(LEGACY.glob("*.log")), ids=lambda path: path.name)
def test_logs_of_the_legacy_app_are_read(folder: DataFolder, sample: Path) -> None:
    (folder.logs / "rsync_a.log").write_bytes(sample.read_bytes())
    found = LogStore(folder).tail(10_000)
    wanted = [line for line in sample.read_text().splitlines() if line]
    assert len(found) == len(wanted)
    assert all(line.text in original for line, original in zip(found, wanted, strict=True))
