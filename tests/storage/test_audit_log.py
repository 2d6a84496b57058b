"""The audit log's file: one record one line, never rewritten, whoever writes and however it ends."""

import json
import os
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.audit import AuditRecord
from models.errors import StoreUnavailable
from storage.audit_log import AuditLog, audit_file, audit_parts, line_of
from storage.data_folder import DataFolder
from tests import build
from tests.servers import until
from utils.text import HOSTILE, visible

WRITER = """
import sys
from pathlib import Path
from typing import Any
from models.audit import AuditRecord
from storage.audit_log import AuditLog
from storage.data_folder import DataFolder
log = AuditLog(DataFolder(Path(sys.argv[1])), part_bytes=int(sys.argv[4]), parts=1000)
for number in range(int(sys.argv[3])):
    log.append([AuditRecord("2026-11-21T07:02:04.123Z", "run.start", account=sys.argv[2], names=(str(number),))])
"""


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


def record(name: str = "anna", **more: Any) -> AuditRecord:
    return AuditRecord(build.MOMENT, "run.start", account=name)._replace(**more)


def lines_of(folder: DataFolder) -> list[bytes]:
    """Of all parts, oldest first."""
    paths = [path for _, path in audit_parts(folder)] + [audit_file(folder)]
    return [line for path in paths for line in path.read_bytes().splitlines()]


def begin_writer(folder: DataFolder, name: str, count: int, part_bytes: int = 5_000_000) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(folder.root), name, str(count), str(part_bytes)]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2])


@given(some.text(), some.lists(some.text(), max_size=50))
def test_a_record_is_one_harmless_line_of_bounded_length(text: str, names: list[str]) -> None:
    line = line_of(record(text, job_name=text, names=tuple(names)))
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert line.isascii()
    found = json.loads(line)
    assert not [value for value in (found.get("account", ""), *found.get("names", [])) if HOSTILE.search(value)]
    if len(visible(text)) <= 200:
        assert found.get("account", "") == visible(text)


def test_long_values_are_cut() -> None:
    line = line_of(record("n" * 100_000, names=("x" * 100_000,) * 500))
    assert len(line) < 10_000
    found = json.loads(line)
    assert found["account"] == "n" * 199 + "…"
    assert found["names"][-1] == "and 470 more"


def test_a_forged_line_in_a_name_stays_in_its_record(folder: DataFolder) -> None:
    forged = 'x"}\n{"at":"2026-11-21T07:02:04.123Z","action":"account.create","account":"root'
    AuditLog(folder).append([record(forged)])
    (line,) = lines_of(folder)
    assert json.loads(line)["action"] == "run.start"


def test_the_file_is_for_its_owner_alone_whatever_the_umask(folder: DataFolder) -> None:
    before = os.umask(0)
    try:
        AuditLog(folder).append([record()])
    finally:
        os.umask(before)
    assert stat.S_IMODE(audit_file(folder).stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_command_of_roots_leaves_the_file_to_the_owner_of_the_folder(folder: DataFolder) -> None:
    os.chown(folder.root, 65534, 65534)
    AuditLog(folder, part_bytes=1).append([record()])
    AuditLog(folder, part_bytes=1).append([record()])
    owners = {(path.stat().st_uid, path.stat().st_gid) for path in folder.root.glob("audit*.jsonl")}
    assert owners == {(65534, 65534)}
    assert len(list(folder.root.glob("audit*.jsonl"))) == 2


def test_what_stands_against_writing_is_told_beforehand(folder: DataFolder) -> None:
    log = AuditLog(folder)
    assert log.problem() == ""
    log.append([record()])
    assert log.problem() == ""
    audit_file(folder).unlink()
    audit_file(folder).mkdir()
    assert "audit.jsonl" in log.problem()


def test_after_a_torn_line_the_next_record_begins_on_a_line_of_its_own(folder: DataFolder) -> None:
    log = AuditLog(folder)
    log.append([record("first")])
    with audit_file(folder).open("ab") as file:
        file.write(b'{"at":"2026-11')
    log.append([record("second")])
    first, torn, second = lines_of(folder)
    assert json.loads(first)["account"] == "first"
    assert torn == b'{"at":"2026-11'
    assert json.loads(second)["account"] == "second"


def test_a_full_part_is_put_away_as_it_is_and_the_oldest_goes(folder: DataFolder) -> None:
    log = AuditLog(folder, part_bytes=1000, parts=3)
    seen: dict[Path, bytes] = {}
    for number in range(60):
        log.append([record(names=(f"number {number}",))])
        for _, path in audit_parts(folder):
            assert path.read_bytes() == seen.setdefault(path, path.read_bytes()), "a part was written again"
    numbers = [number for number, _ in audit_parts(folder)]
    assert numbers == list(range(numbers[-1] - 2, numbers[-1] + 1))
    assert all(path.stat().st_size <= 1000 for path in seen if path.exists())
    kept = [json.loads(line)["names"][0] for line in lines_of(folder)]
    assert kept == [f"number {number}" for number in range(60 - len(kept), 60)]


def test_several_records_are_one_write_and_stand_in_order(folder: DataFolder) -> None:
    AuditLog(folder).append([record(str(number)) for number in range(200)])
    assert [json.loads(line)["account"] for line in lines_of(folder)] == [str(number) for number in range(200)]


def test_two_processes_write_at_once_and_nothing_is_lost_or_mixed(folder: DataFolder) -> None:
    writers = [begin_writer(folder, name, 400, part_bytes=4000) for name in ("one", "two")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    found = [json.loads(line) for line in lines_of(folder)]
    for name in ("one", "two"):
        assert [one["names"][0] for one in found if one["account"] == name] == [str(number) for number in range(400)]


def test_what_a_killed_process_wrote_is_there_and_the_next_goes_on(folder: DataFolder) -> None:
    writer = begin_writer(folder, "killed", 10**9)
    until(lambda: audit_file(folder).exists() and audit_file(folder).stat().st_size > 2000)
    writer.send_signal(signal.SIGKILL)
    writer.wait(20)
    AuditLog(folder).append([record("after")])
    lines = lines_of(folder)
    assert json.loads(lines[-1])["account"] == "after"
    numbers = [int(json.loads(line)["names"][0]) for line in lines[:-2]]
    assert numbers == list(range(len(numbers)))


def test_a_disk_that_takes_only_half_a_record_is_told_and_costs_no_other_record(folder: DataFolder) -> None:
    log = AuditLog(folder)
    log.append([record("before")])
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (audit_file(folder).stat().st_size + 20, former[1]))
    try:
        with pytest.raises(StoreUnavailable, match=r"audit\.jsonl"):
            log.append([record("lost")])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
    log.append([record("after")])
    lines = lines_of(folder)
    assert [json.loads(lines[0])["account"], json.loads(lines[-1])["account"]] == ["before", "after"]
    assert b"lost" not in b"".join(lines)


def test_a_link_in_its_place_is_not_followed(folder: DataFolder, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("precious\n")
    audit_file(folder).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreUnavailable):
        AuditLog(folder).append([record()])
    assert (tmp_path / "elsewhere").read_text() == "precious\n"
