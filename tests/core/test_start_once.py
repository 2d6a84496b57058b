"""A start for a key: one run however often it is asked for, at once, later, or after a refusal."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.start_once import Begun
from models.errors import CannotStart, InvalidInput, JobBusy, JobNotFound, StoreUnavailable
from tests.core.house import House, use_tool


def test_the_same_key_starts_one_run_and_answers_the_same(house: House) -> None:
    job = house.create()
    first = house.parts.start_once.start(job.id, "key", "api")
    again = House(house.arena).parts.start_once.start(job.id, "key", "api")
    assert again == first._replace(is_repeated=True)
    house.ended(house.parts.manager.run(first.run_id))
    assert house.parts.start_once.start(job.id, "key", "api") == again
    assert [(run.id, run.trigger) for run in house.parts.manager.runs(job.id)] == [(first.run_id, "api")]
    assert house.parts.start_once.start(job.id, "other").run_id != first.run_id


def test_of_ten_requests_at_once_one_begins_the_run_and_all_name_it(house: House) -> None:
    job, once = house.create(), house.parts.start_once
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: once.start(job.id, "key"), range(10)))
    assert len({answer.run_id for answer in answers}) == 1
    assert [answer.is_repeated for answer in answers].count(False) == 1
    assert [run.id for run in house.parts.manager.runs(job.id)] == [answers[0].run_id]


def test_a_refused_start_leaves_the_key_free(house: House) -> None:
    job = house.create()
    house.parts.upkeep.disable(job.id)
    with pytest.raises(CannotStart):
        house.parts.start_once.start(job.id, "key")
    house.parts.upkeep.enable(job.id)
    assert not house.parts.start_once.start(job.id, "key").is_repeated


def test_another_key_does_not_get_round_an_active_run(house: House) -> None:
    go = house.arena.root / "go"
    use_tool(house.arena, [["until", str(go)], ["end", 0]])
    job = house.create()
    run = house.start(job)
    with pytest.raises(JobBusy):
        house.parts.start_once.start(job.id, "other")
    go.touch()
    house.ended(run)


def test_a_kill_right_behind_the_start_leaves_no_second_run(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    job, once = house.create(), house.parts.start_once

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(once._keys, "begun", killed)
        with pytest.raises(SystemExit):
            once.start(job.id, "key")
    (run,) = house.parts.manager.runs(job.id)
    assert House(house.arena).parts.start_once.start(job.id, "key") == Begun(run.id, job.id, is_repeated=True)


def test_a_disk_that_fills_up_behind_the_start_does_not_hide_the_run(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, once = house.create(), house.parts.start_once

    def full(*_: object) -> None:
        raise StoreUnavailable("full")

    monkeypatch.setattr(once._keys, "begun", full)
    begun = once.start(job.id, "key")
    assert once.start(job.id, "key") == begun._replace(is_repeated=True)


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "x" * 201, "a\x7f"])
def test_a_key_that_no_header_carries_well_is_refused(house: House, key: str) -> None:
    job = house.create()
    with pytest.raises(InvalidInput) as refused:
        house.parts.start_once.start(job.id, key)
    assert refused.value.fields.keys() == {"Idempotency-Key"}
    assert house.parts.manager.runs(job.id) == ()


def test_an_unknown_job_is_not_found_and_keeps_nothing(house: House) -> None:
    with pytest.raises(JobNotFound):
        house.parts.start_once.start("none", "key")
    assert not (house.parts.folder.root / "start-keys").exists()
