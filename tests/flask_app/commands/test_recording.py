"""What commands change is recorded as the operating system's user; what they show is not."""

import os
import pwd
from collections.abc import Iterator
from typing import Any

import pytest

from models.audit import AuditRecord
from models.errors import StoreUnavailable
from storage.audit_reading import Wanted
from tests.flask_app.pages import Pages
from tests.flask_app.test_restore_pages import leave

ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture(autouse=True)
def _ended(pages: Pages) -> Iterator[None]:
    """No supervisor outlives the test that started it."""
    yield
    leave(pages.core)


def run(pages: Pages, *words: str, status: int = 0) -> None:
    done = pages.app.test_cli_runner().invoke(args=list(words))
    assert done.exit_code == status, done.output


def records(pages: Pages) -> list[AuditRecord]:
    return list(pages.core.audit.each(Wanted()))[::-1]


def facts(record: AuditRecord) -> tuple[Any, ...]:
    return record.action, record.outcome, record.code, record.asked, record.job_name


def test_a_change_is_recorded_with_the_users_name(pages: Pages) -> None:
    job = pages.job()
    run(pages, "jobs", "start", job.id, "--accept-identity")
    (found,) = records(pages)
    assert (found.account, found.via, found.address, found.role) == (ME, "command line", "", "")
    assert facts(found) == ("run.start", "done", "", "jobs start", "Photos")
    latest = pages.core.manager.latest(job.id)
    assert latest is not None
    assert (found.run_id, found.names) == (latest.id, ("accept_identity",))


def test_what_only_shows_is_not_recorded(pages: Pages) -> None:
    job = pages.job()
    for words in (["jobs", "list"], ["jobs", "show", job.id], ["jobs", "export"], ["runs", "list", job.id]):
        run(pages, *words)
    assert records(pages) == []


def test_a_refusal_is_recorded_with_its_code(pages: Pages) -> None:
    run(pages, "jobs", "pause", pages.job().id, status=1)
    run(pages, "jobs", "start", "nope", status=1)
    first, second = records(pages)
    assert facts(first) == ("run.pause", "refused", "not_running", "jobs pause", "Photos")
    assert facts(second) == ("run.start", "refused", "job_not_found", "jobs start", "")


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [(StoreUnavailable("The disk is full."), "store_unavailable", 1), (OSError(5, "Input/output error"), "", 1)],
)
def test_a_failure_of_ours_is_recorded_as_one(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str, status: int
) -> None:
    job = pages.job(name="Mail")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(pages.core.manager, "delete", fail)
    run(pages, "jobs", "delete", "--yes", job.id, status=status)
    assert [facts(one) for one in records(pages)] == [("job.delete", "failed", code, "jobs delete", "Mail")]


def test_a_deleted_job_is_named(pages: Pages) -> None:
    run(pages, "jobs", "delete", "--yes", pages.job(name="Mail").id)
    assert [facts(one) for one in records(pages)] == [("job.delete", "done", "", "jobs delete", "Mail")]


def test_an_import_is_recorded_once_it_creates_something(pages: Pages) -> None:
    (pages.folder / "photos").mkdir()
    file = pages.folder / "crontab"
    file.write_text(f"0 3 * * * rsync -a {pages.folder}/photos/ {pages.folder}/copy\n")
    run(pages, "jobs", "import", str(file))
    assert records(pages) == []
    run(pages, "jobs", "import", str(file), "--create")
    assert [facts(one) for one in records(pages)] == [("job.import", "done", "", "jobs import", "photos")]


def test_a_run_that_is_waited_for_is_recorded_when_it_begins_and_once(pages: Pages) -> None:
    (pages.folder / "photos").mkdir(exist_ok=True)
    job = pages.job()
    run(pages, "jobs", "start", job.id, "--wait")
    (found,) = records(pages)
    ended = pages.core.manager.run(found.run_id)
    assert found.at < ended.ended_at
