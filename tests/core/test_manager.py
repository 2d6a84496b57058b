"""The manager: what may be asked for when."""

import json

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from models.errors import CannotStart, IdentityChanged, InvalidInput, JobBusy, JobNotFound, NotRunning, RunNotFound
from models.events import JobsChanged, RunChanged
from models.job import JobDraft, JobSettings
from models.run import RunState
from storage.log_streams import Question
from tests.core.arena import wait_for
from tests.core.house import House, use_tool
from tests.core.machine import Jobs


def test_any_order_of_requests_leaves_no_tool_without_a_run_and_no_illegal_move() -> None:
    small = settings(
        max_examples=4,
        stateful_step_count=20,
        deadline=None,
        phases=[Phase.generate],  # processes are too free for shrinking
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Jobs, settings=small)


def test_what_was_created_can_be_read_by_another_process(house: House) -> None:
    job = house.create(settings=JobSettings(exclude=("*.tmp",), tags=("home",)))
    assert House(house.arena).parts.jobs.get(job.id) == job
    assert JobsChanged() in house.events


def test_bad_input_is_refused_beside_its_field_and_saves_nothing(house: House) -> None:
    with pytest.raises(InvalidInput) as refused:
        house.create(source="/nowhere/at/all", dest="relative")
    assert refused.value.fields.keys() >= {"dest"}
    with pytest.raises(InvalidInput) as refused:
        house.create(type="nosuch")
    assert refused.value.fields.keys() == {"type"}
    assert house.parts.jobs.snapshot().jobs == {}


def test_checking_a_draft_says_what_saving_would(house: House) -> None:
    arena = house.arena
    check = house.parts.manager.check(JobDraft("Photos", "rsync", str(arena.source), str(arena.dest)))
    assert check.fields == {}
    assert check.resulting_folder == f"{arena.dest}/source"
    check = house.parts.manager.check(JobDraft("Photos", "rsync", "/nowhere/at/all", str(arena.dest)))
    assert check.fields.keys() == {"source"}
    assert check.resulting_folder == ""


def test_a_run_is_started_shown_paused_and_carried_on(house: House) -> None:
    go = house.arena.root / "go"
    use_tool(house.arena, [["progress", 1000, 50, " (xfr#1, to-chk=1/2)"], ["until", str(go)], ["end", 0]])
    manager, job = house.parts.manager, house.create()
    run = house.start(job)
    wait_for(lambda: manager.run(run.id).progress.bytes_transferred == 1000)
    assert manager.runs(job.id)[0].id == run.id
    manager.pause(job.id)
    paused = house.ended(run)
    assert (paused.state, manager.active_run(job.id)) == (RunState.PAUSED, None)
    go.touch()
    second = house.start(job, trigger="resume")
    assert (second.resumes, second.settled_bytes) == (run.id, 1000)
    assert second.progress.bytes_transferred == 1000
    assert house.ended(second).state is RunState.DONE
    assert [one.id for one in manager.runs(job.id)] == [second.id, run.id]
    assert [one.id for one in manager.runs(job.id, before=second.id)] == [run.id]


def test_a_new_run_knows_one_whose_end_is_just_being_recorded(house: House) -> None:
    """A script that sees the end of a run may start the next at once."""
    job = house.create()
    run = house.start(job)
    house.ended(run)
    paused = house.parts.runs.read(job.id, run.id)
    just = paused._replace(id=f"2099{run.id[4:]}", state=RunState.PAUSED, settled_bytes=77)
    house.arena.store.create(just, {})
    assert house.start(job).resumes == just.id
    house.arena.store.finish(just)


def test_a_good_run_is_no_reason_to_resume(house: House) -> None:
    job = house.create()
    house.ended(house.start(job))
    assert house.start(job).resumes == ""


def test_there_is_nothing_to_stop_in_an_idle_job(house: House) -> None:
    job = house.create()
    for what in (house.parts.manager.pause, house.parts.manager.cancel):
        with pytest.raises(NotRunning):
            what(job.id)


def test_a_run_that_has_begun_is_paused_not_cancelled(house: House) -> None:
    go = house.arena.root / "go"
    use_tool(house.arena, [["progress", 10, 5], ["until", str(go)], ["end", 0]])
    job = house.create()
    run = house.start(job)
    house.arena.until_state(run, RunState.TRANSFERRING)
    with pytest.raises(NotRunning, match="Pause it instead"):
        house.parts.manager.cancel(job.id)
    go.touch()
    house.ended(run)


@pytest.mark.parametrize("what", ["start", "pause", "cancel", "delete", "resume", "mark_paused", "command", "warnings"])
def test_a_job_that_is_not_there_is_not_found(house: House, what: str) -> None:
    with pytest.raises(JobNotFound):
        getattr(house.parts.manager, what)("84d41cda-ff40-4534-b611-110f236108dd")


@pytest.mark.parametrize("run_id", ["", "..", "20261121T070204123Z-a1b2c3", "../../etc/passwd"])
def test_a_run_that_is_not_there_is_not_found(house: House, run_id: str) -> None:
    with pytest.raises(RunNotFound):
        house.parts.manager.run(run_id)
    with pytest.raises(RunNotFound):
        house.parts.manager.log_text(run_id)


def test_a_setting_that_is_not_built_refuses_the_start(house: House) -> None:
    job = house.create()
    text = house.arena.folder.jobs_file.read_text()
    house.arena.folder.jobs_file.write_text(text.replace("settings: {}", "settings:\n    mode: mirror"))
    if "mirror" not in house.arena.folder.jobs_file.read_text():
        house.arena.folder.jobs_file.write_text(text.replace("settings:", "settings:\n    mode: mirror", 1))
    with pytest.raises(CannotStart, match="mode"):
        house.start(job)


def test_a_disabled_job_does_not_start(house: House) -> None:
    job = house.create(settings=JobSettings(enabled=False))
    with pytest.raises(CannotStart, match="disabled"):
        house.start(job)


def test_a_job_that_another_program_runs_is_left_alone(house: House) -> None:
    job = house.create()
    house.parts.jobs.set_status(job.id, "running")
    with pytest.raises(JobBusy, match="Another program"):
        house.start(job)
    assert house.parts.runs.active() == ()


def test_an_unplugged_destination_refuses_until_a_person_says_it_is_intended(house: House) -> None:
    job = house.create()
    house.ended(house.start(job))
    identity = house.arena.folder.identity_file(job.id)
    recorded = json.loads(identity.read_text())
    identity.write_text(json.dumps({**recorded, "dest": dict.fromkeys(recorded["dest"], "another")}))
    with pytest.raises(IdentityChanged):
        house.start(job)
    assert house.ended(house.start(job, accept_identity=True)).state is RunState.DONE


def test_the_command_is_shown_as_it_will_run(house: House) -> None:
    job = house.create(source=f"{house.arena.source}/", name="x")
    (command,) = house.parts.manager.command(job.id)
    assert command.startswith(str(house.arena.root / "tool" / "rsync"))
    assert command.endswith(f"-- {house.arena.source}/ {house.arena.dest}")


def test_deleting_a_job_removes_its_records_and_no_copy(house: House) -> None:
    (house.arena.dest / "copy").write_text("precious")
    job = house.create()
    run = house.start(job)
    house.ended(run)
    house.parts.manager.delete(job.id)
    assert not house.arena.folder.job_folder(job.id).exists()
    assert (house.arena.dest / "copy").read_text() == "precious"
    assert job.id not in house.parts.jobs.snapshot().jobs


def test_a_log_can_be_read_on_from_where_it_ended(house: House) -> None:
    use_tool(house.arena, [["say", "first\nsecond\n"], ["end", 0]])
    job = house.create()
    run = house.start(job)
    house.ended(run)
    text, offset = house.parts.manager.log_text(run.id)
    assert "first" in text
    assert house.parts.manager.log_text(run.id, offset) == ("", offset)
    told = [line.text for line in house.parts.log_reading.before((job.id, ""), Question(), None).lines]
    assert told[told.index("first") + 1] == "second"


def test_a_start_is_told_at_once(house: House) -> None:
    job = house.create()
    run = house.start(job)
    assert [event.run.id for event in house.events if isinstance(event, RunChanged)] == [run.id]
    house.ended(run)
