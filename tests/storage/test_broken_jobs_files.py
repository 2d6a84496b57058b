"""Broken jobs.yaml files by name: each is kept untouched, named by line and reason, and hides no good job."""

import time
import tracemalloc
from pathlib import Path

import pytest

from models.errors import StoreBroken
from models.job import Job
from storage.data_folder import DataFolder
from storage.job_store import JobStore
from tests import build

GOOD = """\
- id: good-1
  name: Good
  source: /srv/good/
  dest: /srv/backup/good
  type: rsync
  status: pending
  progress:
    bytes_transferred: 0
    total_bytes: 0
    percent: 0
    speed_bytes: 0
    eta_seconds: 0
  settings: {}
  created_at: '2026-11-21T03:34:41.543712'
  updated_at: '2026-11-21T03:34:41.543723'
"""
OTHER = GOOD.replace("good-1", "other-1").replace("Good", "Other")
FIGURES = GOOD[GOOD.index("progress:") : GOOD.index("  settings:")]
BOTH = f"jobs:\n{GOOD}{OTHER}"


def other_with(old: str, new: str) -> str:
    """Both jobs, the second with something else in it."""
    assert old in OTHER
    return f"jobs:\n{GOOD}{OTHER.replace(old, new)}"


# What stands in the file, the line that is named (None: the file as a whole), and a part of the reason.
WITH_A_BAD_JOB: dict[str, tuple[str, int, str]] = {
    "name is a yes-or-no word": (other_with("name: Other", "name: no"), 18, "`name` must be text"),
    "name is a time": (other_with("name: Other", "name: 12:30"), 18, "12:30"),
    "name looks octal": (other_with("name: Other", "name: 012"), 18, "012"),
    "name is a number": (other_with("name: Other", "name: 2026"), 18, "put it in quotes"),
    "name is a date": (other_with("name: Other", "name: 2026-11-21"), 18, "2026-11-21"),
    "name is nothing": (other_with("name: Other", "name:"), 18, "`name` must be text"),
    "name is empty": (other_with("name: Other", "name: ''"), 18, "`name` is empty"),
    "name is a list": (other_with("name: Other", "name: [a, b]"), 18, "`name` must be text"),
    "name is missing": (other_with("  name: Other\n", ""), 17, "`name` is missing"),
    "source is missing": (other_with("  source: /srv/good/\n", ""), 17, "`source` is missing"),
    "source stands twice": (other_with("  dest:", "  source: /a\n  dest:"), 20, "`source` stands twice"),
    "status is of ours": (other_with("status: pending", "status: queued"), 22, "'queued'"),
    "status is off": (other_with("status: pending", "status: off"), 22, "`status`"),
    "type is a number": (other_with("type: rsync", "type: 42"), 21, "`type` must be text"),
    "type is a path": (other_with("type: rsync", "type: ../../x"), 21, "not the name of an engine"),
    "id is a path": (other_with("id: other-1", "id: ../../etc"), 17, "letters, digits"),
    "id is a number": (other_with("id: other-1", "id: 17"), 17, "`id` must be text"),
    "id is missing": (other_with("- id: other-1\n  name", "- name"), 17, "`id` is missing"),
    "id stands twice": (other_with("id: other-1", "id: good-1"), 17, "stands twice"),
    "time without quotes": (other_with("'2026-11-21T03:34:41.543712'", "2026-11-21T03:34:41"), 30, "`created_at`"),
    "figures are words": (other_with("percent: 0", "percent: half"), 26, "`progress.percent` must be"),
    "figure is null": (other_with("percent: 0", "percent: null"), 26, "`progress.percent` must be"),
    "figure is not a number": (other_with("percent: 0", "percent: .nan"), 26, "`progress.percent`"),
    "progress is a word": (other_with(FIGURES, "progress: none\n"), 23, "`progress` must be a map"),
    "settings is a list": (other_with("settings: {}", "settings: [a]"), 29, "`settings` must be a map"),
    "settings is nothing": (other_with("settings: {}", "settings:"), 29, "`settings` must be a map"),
    "limit is a word": (other_with("settings: {}", "settings:\n    bandwidth_limit: fast"), 30, "whole number"),
    "limit is negative": (other_with("settings: {}", "settings:\n    bandwidth_limit: -1"), 30, "greater than"),
    "limit looks octal": (other_with("settings: {}", "settings:\n    bandwidth_limit: 0100"), 30, "0100"),
    "enabled is a number": (other_with("settings: {}", "settings:\n    enabled: 1"), 30, "true or false"),
    "excludes are one word": (other_with("settings: {}", "settings:\n    exclude: '*.tmp'"), 30, "must be a list"),
    "an exclude is a number": (other_with("settings: {}", "settings:\n    exclude: [a, 7]"), 30, "must be text"),
    "ssh port is too large": (other_with("settings: {}", "settings:\n    ssh:\n      port: 70000"), 31, "65535"),
    "a job is a word": (f"jobs:\n{GOOD}- other-1\n", 17, "not a job"),
    "a job is nothing": (f"jobs:\n{GOOD}-\n", 17, "not a job"),
    "a quote is not closed": (other_with("name: Other", "name: 'Other"), 30, "not YAML"),
    "a colon too many": (other_with("name: Other", "name: a: b"), 18, "not YAML"),
    "a tab as indentation": (other_with("  name: Other", "\tname: Other"), 18, "not YAML"),
    "one space too many": (other_with("  name: Other", "   name: Other"), 18, "not YAML"),
    "a key without indentation": (other_with("  name: Other", "name: Other"), 18, "not YAML"),
    "a python object": (other_with("name: Other", "name: !!python/object/apply:os.system [id]"), 18, "tag"),
    "a tag of somebody": (other_with("name: Other", "name: !secret Other"), 18, "tag"),
    "an unknown alias": (other_with("name: Other", "name: *nobody"), 18, "anchor"),
    "nested 20,000 deep in a job": (other_with("settings: {}", "settings: {a: " + "[" * 20_000), 29, "nested"),
}  # fmt: skip

WHOLE_FILE: dict[str, tuple[bytes, int | None, str]] = {
    "empty": (b"", 1, "the file is empty"),
    "blank lines only": (b"\n\n  \n", 1, "the file is empty"),
    "a comment only": (b"# nothing\n", 1, "the file is empty"),
    "jobs is null": (b"jobs: null\n", 1, "`jobs` must be a list"),
    "jobs is nothing": (b"jobs:\n", 1, "`jobs` must be a list"),
    "jobs is a map": (b"jobs:\n  a: 1\n", 1, "`jobs` must be a list"),
    "no jobs at all": (b"tasks: []\n", 1, "no key `jobs`"),
    "a list at the top": (GOOD.encode(), 1, "a map with the key `jobs`"),
    "a word at the top": (b"jobs\n", 1, "a map with the key `jobs`"),
    "jobs stands twice": (f"{BOTH}jobs: []\n".encode(), 32, "`jobs` stands twice"),
    "two documents": (f"{BOTH}---\n{BOTH}".encode(), 32, "second document"),
    "nul bytes": (BOTH.encode().replace(b"Other", b"Oth\0er"), 18, r"\x00"),
    "nothing but nul bytes": (b"\0" * 4096, 1, r"\x00"),
    "an escape character": (BOTH.encode().replace(b"Other", b"Oth\x1ber"), 18, r"\x1b"),
    "a byte order mark": (b"\xef\xbb\xbf" + BOTH.encode(), 1, "byte order mark"),
    "utf-16": (BOTH.encode("utf-16"), 1, "UTF-8"),
    "windows line ends": (BOTH.encode().replace(b"\n", b"\r\n"), 1, "carriage return"),
    "latin-1": (BOTH.encode().replace(b"Other", "Größe".encode("latin-1")), 18, "UTF-8"),
    "nested brackets": (b"[" * 20_000, 1, "nested"),
    "nested dashes": (b"- " * 20_000, 1, "nested"),
    "an alias bomb": (
        b"a: &a [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (i, i, b",".join([b"*%c" % (i - 1)] * 9)) for i in range(ord("b"), ord("k")))
        + b"jobs: *j\n",
        5,
        "values",
    ),
    "an anchor in itself": (b"jobs: &a [*a]\n", 1, "contains itself"),
    "a page of HTML": (b"<html><body>502 Bad Gateway</body></html>\n", 1, "a map with the key `jobs`"),
    "100 MB": (b"jobs: []\n" + b"#" * (100 << 20) + b"\n", None, "more than 16 MiB"),
}


def folder_with(tmp_path: Path, content: bytes) -> DataFolder:
    folder = build.data_folder(tmp_path)
    folder.jobs_file.write_bytes(content)
    return folder


def test_there_are_at_least_forty_of_them() -> None:
    assert len(WITH_A_BAD_JOB) + len(WHOLE_FILE) >= 40


@pytest.mark.parametrize("name", WITH_A_BAD_JOB)
def test_a_bad_job_is_named_by_line_and_hides_no_other(tmp_path: Path, name: str) -> None:
    text, line, reason = WITH_A_BAD_JOB[name]
    folder = folder_with(tmp_path, text.encode())
    snapshot = JobStore(folder).snapshot()
    assert [job.name for job in snapshot.jobs.values()] == ["Good"]
    assert not snapshot.writable
    (problem,) = snapshot.problems
    assert (problem.file, problem.line) == ("jobs.yaml", line)
    assert reason in problem.reason
    assert_untouched(folder, text.encode(), problem.sentence)


@pytest.mark.parametrize("name", WITH_A_BAD_JOB)
def test_a_bad_job_keeps_its_last_good_state_in_force(tmp_path: Path, name: str) -> None:
    folder = folder_with(tmp_path, BOTH.encode())
    store = JobStore(folder)
    before = store.snapshot()
    folder.jobs_file.write_text(WITH_A_BAD_JOB[name][0])
    for snapshot in (store.snapshot(), JobStore(folder).snapshot()):
        assert snapshot.jobs == before.jobs
        assert snapshot.problems
    folder.jobs_file.write_text(BOTH)
    assert store.snapshot().problems == ()
    assert store.snapshot().writable


@pytest.mark.parametrize("name", WHOLE_FILE)
def test_a_broken_file_is_named_quickly_and_in_little_memory(tmp_path: Path, name: str) -> None:
    content, line, reason = WHOLE_FILE[name]
    folder = folder_with(tmp_path, BOTH.encode())
    store = JobStore(folder)
    before = store.snapshot()
    folder.jobs_file.write_bytes(content)
    started = time.perf_counter()
    tracemalloc.start()
    snapshot = store.snapshot()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.perf_counter() - started < 1
    assert peak < 50e6
    assert snapshot.jobs == before.jobs
    assert snapshot.problems[0].line == line
    assert reason in snapshot.problems[0].reason
    assert_untouched(folder, content, snapshot.problems[0].sentence)


def assert_untouched(folder: DataFolder, content: bytes, sentence: str) -> None:
    """Every change is refused with that sentence, and not a byte is different."""
    store = JobStore(folder)
    job: Job = build.job()
    for change in (
        lambda: store.create(job),
        lambda: store.update(build.job(id="good-1")),
        lambda: store.delete("good-1"),
        lambda: store.set_status("good-1", "running"),
        store.confirm_missing,
    ):
        with pytest.raises(StoreBroken) as refusal:
            change()
        assert sentence in refusal.value.message
    assert folder.jobs_file.read_bytes() == content


@pytest.mark.parametrize("share", range(5, 100, 5))
def test_a_file_cut_off_anywhere_leaves_the_last_good_state_in_force(tmp_path: Path, share: int) -> None:
    whole = f"{BOTH}{OTHER.replace('other-1', 'third-1')}".encode()
    folder = folder_with(tmp_path, whole)
    store = JobStore(folder)
    before = store.snapshot()
    folder.jobs_file.write_bytes(whole[: len(whole) * share // 100])
    for snapshot in (store.snapshot(), JobStore(folder).snapshot()):
        assert snapshot.jobs == before.jobs
        assert not snapshot.writable
    with pytest.raises(StoreBroken):
        store.set_status("good-1", "running")
