"""What is recorded is found again; what cannot be recorded stops nothing and is told."""

import logging
from pathlib import Path
from typing import get_args

import pytest

from core.audit import Audit, Subject, Who
from core.audit_actions import ACTIONS, GROUPS, WORDS, Action, action_words, is_action
from models.audit import AuditRecord
from storage.audit_log import audit_file
from storage.audit_reading import Wanted
from storage.data_folder import DataFolder
from tests import build
from tests.core.house import House
from tests.core.test_chores import switch_on
from tests.core.test_recoverables import interrupted
from utils.clock import SystemClock

ANNA = Who("anna", "operator", "session", "192.0.2.7")
EVERYTHING = Wanted()


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


@pytest.fixture
def audit(folder: DataFolder) -> Audit:
    return Audit(folder, SystemClock())


def newest(audit: Audit) -> AuditRecord:
    return audit.page(EVERYTHING).rows[0]


def test_who_did_what_from_where_is_found_again(audit: Audit) -> None:
    about = Subject(build.JOB_ID, "Photos", "20261121T070204123Z-a1b2c3", ("accept_identity",))
    audit.record("run.start", ANNA, about, "done", "", 202, "POST /jobs/<job_id>/start")
    found = newest(audit)
    assert found[1:] == (
        "run.start", "done", "", 202, "anna", "operator", "session", "192.0.2.7", "POST /jobs/<job_id>/start",
        build.JOB_ID, "Photos", "20261121T070204123Z-a1b2c3", ("accept_identity",), 0,
    )  # fmt: skip
    assert found.at.endswith("Z")


def test_several_subjects_are_a_record_each(audit: Audit) -> None:
    audit.record("job.delete", ANNA, [Subject(job_name=name) for name in ("Photos", "Mail")])
    assert [record.job_name for record in audit.page(EVERYTHING).rows] == ["Mail", "Photos"]


def test_pages_hold_every_record_once(audit: Audit) -> None:
    audit.record("job.tag", ANNA, [Subject(str(number)) for number in range(120)])
    seen, before = list[str](), ""
    for size in (50, 50, 20):
        page = audit.page(EVERYTHING, before)
        assert len(page.rows) == size
        seen += [record.job_id for record in page.rows]
        before = page.older
    assert before == ""
    assert seen == [str(number) for number in reversed(range(120))]
    assert [record.job_id for record in audit.each(EVERYTHING)] == seen


def test_a_search_that_takes_too_long_says_how_far_it_came_and_goes_on_there(folder: DataFolder) -> None:
    class Hasty(SystemClock):
        """Every look at it finds a second gone."""

        seconds = 0.0

        def monotonic(self) -> float:
            self.seconds += 1
            return self.seconds

    audit = Audit(folder, Hasty())
    audit.record("job.tag", ANNA, [Subject(str(number)) for number in range(5)])
    audit.record("job.tag", Who("berta"), Subject("last"))
    audit.record("job.tag", ANNA, [Subject(str(number)) for number in range(5)])
    wanted, before, found, looks = Wanted(account="berta"), "", list[str](), 0
    while looks == 0 or before:
        page = audit.page(wanted, before)
        found += [record.job_id for record in page.rows]
        before, looks = page.older, looks + 1
        assert page.is_cut == bool(before)
        assert looks < 20
    assert found == ["last"]
    assert looks > 5


def test_refused_attempts_are_bounded_and_what_is_done_is_not(audit: Audit) -> None:
    for _ in range(300):
        audit.record("access.refused", Who(address="192.0.2.9"), outcome="refused", code="account_required", status=403)
    assert len(audit.page(EVERYTHING, limit=500).rows) == 1
    for _ in range(300):
        audit.record("run.start", ANNA)
    assert len(audit.page(EVERYTHING, limit=500).rows) == 301


def test_a_log_that_cannot_be_written_stops_nothing_and_the_gap_is_recorded(
    audit: Audit, folder: DataFolder, caplog: pytest.LogCaptureFixture
) -> None:
    audit_file(folder).mkdir()
    with caplog.at_level(logging.ERROR):
        audit.record("run.start", ANNA)
        audit.record("run.pause", ANNA)
    trouble = audit.trouble
    assert trouble is not None
    assert trouble.lost == 2
    assert "audit.jsonl" in trouble.reason
    assert "run.pause by 'anna', done" in caplog.text
    audit_file(folder).rmdir()
    audit.record("run.cancel", ANNA)
    assert not audit.trouble
    last, gap = audit.page(EVERYTHING).rows
    assert (last.action, gap.action, gap.outcome, gap.left_out) == ("run.cancel", "audit.lost", "failed", 2)
    assert "audit.jsonl" in gap.names[0]


@pytest.mark.parametrize("second_fails", [True, False])
def test_what_is_lost_is_told_once_though_two_record_at_the_same_time(
    audit: Audit, folder: DataFolder, monkeypatch: pytest.MonkeyPatch, second_fails: bool
) -> None:
    append = audit._log.append
    audit_file(folder).mkdir()
    audit.record("job.tag", ANNA, [Subject("1"), Subject("2")])

    def second(_records: list[AuditRecord]) -> None:
        monkeypatch.setattr(audit._log, "append", append)
        audit.record("job.tag", ANNA, Subject("3"))
        if second_fails:
            audit_file(folder).rmdir()

    def first(records: list[AuditRecord]) -> None:
        second(records)
        append(records)

    if not second_fails:
        audit_file(folder).rmdir()
    monkeypatch.setattr(audit._log, "append", first)
    audit.record("run.cancel", ANNA)
    audit.record("run.cancel", ANNA)
    assert sum(record.left_out for record in audit.each(EVERYTHING)) == 2 + second_fails
    assert audit.trouble is None


def test_what_the_server_begins_by_itself_is_recorded(house: House) -> None:
    switch_on(house)
    job = interrupted(house)
    launched = House(house.arena)
    launched.parts.chores.do()
    run = launched.parts.manager.latest(job)
    assert run is not None
    house.arena.runs.append(run)
    found = newest(launched.parts.audit)
    assert (found.action, found.via, found.asked, found.job_id) == ("run.start", "service", "launch", job)
    assert found.run_id == run.id
    launched.ended(run)


def test_every_action_has_words_and_a_group() -> None:
    assert set(WORDS) == set(ACTIONS) == set(get_args(Action))
    assert {action.partition(".")[0] + "." for action in ACTIONS} == set(GROUPS)
    assert len(set(WORDS.values())) == len(WORDS)
    assert all(map(is_action, (*ACTIONS, *GROUPS)))
    assert not is_action("job")
    assert action_words("from.elsewhere") == "from.elsewhere"
