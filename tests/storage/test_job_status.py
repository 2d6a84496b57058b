"""A supervisor's status: text for text what the store would have written, or nothing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from models.progress import Progress
from storage.change_journal import ChangeJournal
from storage.data_folder import DataFolder
from storage.job_status import write_status
from storage.job_store import JobStore
from tests import build
from tests.storage.test_broken_jobs_files import BOTH
from tests.storage.test_job_store import SAMPLES

FIGURES = Progress(bytes_transferred=7, total_bytes=None, percent=57.9, speed_bytes=3, eta_seconds=None)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


def without_times(text: str) -> str:
    return re.sub(r"updated_at: '[^']*'", "updated_at: ''", text)


@pytest.mark.parametrize("figures", [FIGURES, None])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_it_writes_what_the_store_writes(tmp_path: Path, sample: Path, figures: Progress | None) -> None:
    texts = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        folder = build.data_folder(tmp_path / name)
        folder.jobs_file.write_bytes(sample.read_bytes())
        store = JobStore(folder)
        for job_id in store.snapshot().jobs:
            if name == "a":
                store.set_status(job_id, "running", figures)
            else:
                assert write_status(folder, job_id, "running", figures)
        assert {job.status for job in store.snapshot().jobs.values()} == {"running"}
        texts.append(without_times(folder.jobs_file.read_text()))
    assert texts[0] == texts[1] != without_times(sample.read_text())


def test_it_journals_what_the_store_journals(tmp_path: Path) -> None:
    journals = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        folder = build.data_folder(tmp_path / name)
        store = JobStore(folder)
        store.create(build.job(id="one", created_at="2026-11-21T03:34:41.5", updated_at="2026-11-21T03:34:41.5"))
        if name == "a":
            store.set_status("one", "running", FIGURES)
        else:
            assert write_status(folder, "one", "running", FIGURES)
        changes = ChangeJournal(folder.changes_file).recent(60)
        journals.append([(item.job_id, item.field, item.old) for item in changes if item.field != "job"])
    assert sorted(journals[0]) == sorted(journals[1])
    assert {field for _, field, _ in journals[0]} == {"status", "progress", "updated_at"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("status: pending", "status: 'pending'"),
        ("percent: 0", "percent: null"),
        ("    percent: 0\n", ""),
        ("name: Good", "name: 'Good"),
        ("name: Good", 'name: "a\n  status: pending\n  b"'),
        ("  status: pending\n", "  status: pending\n  status: pending\n"),
        ("- id: good-1\n  name: Good", "- name: Good\n  id: good-1"),
        ("other-1", "good-1"),
        ("good-1", "another"),
        ("jobs:", "jobs"),
    ],
)
def test_it_leaves_alone_what_takes_yaml(folder: DataFolder, old: str, new: str) -> None:
    folder.jobs_file.write_text(BOTH.replace(old, new))
    JobStore(folder).snapshot()
    before = folder.jobs_file.read_bytes()
    assert not write_status(folder, "good-1", "running", FIGURES)
    assert folder.jobs_file.read_bytes() == before


def test_it_leaves_alone_what_nobody_has_checked(folder: DataFolder) -> None:
    folder.jobs_file.write_text(BOTH)
    assert not write_status(folder, "good-1", "running")
    store = JobStore(folder)
    store.snapshot()
    assert write_status(folder, "good-1", "running")
    assert write_status(folder, "other-1", "paused")
    folder.jobs_file.write_text(folder.jobs_file.read_text().replace("Other", "'Other"))
    assert not write_status(folder, "good-1", "failed")
    assert store.get("good-1").status == "running"


def test_it_waits_for_a_confirmation_of_missing_jobs(folder: DataFolder) -> None:
    folder.jobs_file.write_text(BOTH + BOTH.removeprefix("jobs:\n").replace("-1", "-2"))
    store = JobStore(folder)
    store.snapshot()
    folder.jobs_file.write_text(BOTH)
    assert len(store.snapshot().missing) == 2
    assert not write_status(folder, "good-1", "running")
    store.confirm_missing()
    assert write_status(folder, "good-1", "running")


def test_it_needs_the_standard_library_only() -> None:
    code = (
        "import sys, storage.job_status, storage.run_store, storage.log_store;"
        "heavy = ('yaml', 'pydantic', 'structlog', 'flask', 'ctypes', 'shutil');"
        "print([name for name in heavy if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
