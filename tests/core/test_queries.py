"""What pages are told."""

import subprocess
import threading
from datetime import timedelta
from typing import Any

import pytest

from core.queries import Queries
from core.run_index import Latest
from core.views import DashboardView, JobView
from models.errors import JobNotFound, StoreUnavailable
from models.events import RunChanged
from models.findings import Verification
from models.job import JobSettings
from models.run import RunState, Statistics
from tests import build
from tests.bench.server import free_port
from tests.core.arena import wait_for
from tests.core.house import House, use_tool
from utils.clock import SystemClock, local_text, utc_text

RUNNING = build.run(state=RunState.TRANSFERRING, started_at=build.MOMENT)


@pytest.mark.parametrize(
    ("view", "state", "actions", "primary"),
    [
        (JobView(build.job()), "never_run", {"start", "edit", "delete"}, "start"),
        (JobView(build.job(settings=JobSettings(enabled=False))), "disabled", {"edit", "delete"}, ""),
        (JobView(build.job(), last=build.run(state=RunState.DONE)), "done", {"start", "edit", "delete"}, "start"),
        (JobView(build.job(), last=build.run(state=RunState.PAUSED)), "paused", {"resume", "edit", "delete"}, "resume"),
        (
            JobView(build.job(), last=build.run(state=RunState.INTERRUPTED)),
            "interrupted",
            {"resume", "edit", "delete"},
            "resume",
        ),
        (JobView(build.job(), last=build.run(state=RunState.FAILED)), "failed", {"retry", "edit", "delete"}, "retry"),
        (JobView(build.job(), doubt="foreign"), "foreign", {"edit", "delete"}, ""),
        (JobView(build.job(), doubt="abandoned"), "abandoned", {"start", "edit", "delete"}, "start"),
        (JobView(build.job(), active=build.run()), "queued", {"cancel"}, "cancel"),
        (
            JobView(build.job(), active=RUNNING._replace(state=RunState.WAITING)),
            "waiting",
            {"cancel", "pause"},
            "pause",
        ),
        (JobView(build.job(), active=RUNNING), "transferring", {"pause"}, "pause"),
        (JobView(build.job(), active=RUNNING._replace(state=RunState.PAUSING)), "pausing", set(), ""),
    ],
)
def test_each_state_has_its_word_and_its_actions(view: JobView, state: str, actions: set[str], primary: str) -> None:
    assert (view.state, set(view.actions), view.primary) == (state, actions, primary)


def test_attention_and_protection() -> None:
    done, failed = build.run(state=RunState.DONE), build.run(state=RunState.FAILED)
    assert JobView(build.job(), last=done).is_protected
    assert not JobView(build.job(), last=failed, last_good=done).is_protected
    assert JobView(build.job(), last=failed).needs_attention
    assert not JobView(build.job(), last=failed, active=RUNNING).needs_attention
    assert JobView(build.job(), problem="It asks for hooks.").needs_attention


def test_a_job_that_is_not_there_is_not_found(house: House) -> None:
    with pytest.raises(JobNotFound):
        house.parts.queries.job_view("nosuch")


def test_jobs_are_searched_filtered_sorted_and_paged(house: House) -> None:
    for name in ("beta", "Alpha", "gamma"):
        house.create(name, dest=str(house.arena.dest / name), settings=JobSettings(tags=(f"tag-{name}",)))
    queries = house.parts.queries
    assert [view.job.name for view in queries.job_views().rows] == ["Alpha", "beta", "gamma"]
    assert [view.job.name for view in queries.job_views(search="ALPHA").rows] == ["Alpha"]
    assert [view.job.name for view in queries.job_views(search="tag-beta").rows] == ["beta"]
    assert queries.job_views(engine="rclone").total == 0
    page = queries.job_views(page=2, per_page=2)
    assert ([view.job.name for view in page.rows], page.total, page.page, page.pages) == (["gamma"], 3, 2, 2)
    assert queries.job_views(page=99, per_page=2).page == 2
    assert queries.job_views(state="never_run").total == 3
    assert queries.job_views(state="protected").total == 0
    assert queries.job_views().counts == {"all": 3, "attention": 0, "active": 0, "protected": 0}


def test_the_dashboard_follows_a_run(house: House) -> None:
    go = house.arena.root / "go"
    use_tool(house.arena, [["until", str(go)], ["end", 0]])
    queries = house.parts.queries
    first, second = house.create("First"), house.create("Second")
    runs = [house.start(first), house.start(second)]
    house.arena.until_state(runs[0], RunState.CHECKING)
    wait_for(lambda: house.parts.watcher.step() and queries.dashboard().active)
    board = queries.dashboard()
    assert [view.job.name for view in board.active] == ["First"]
    assert [view.job.name for view in board.waiting] == ["Second"]
    go.touch()
    for run in runs:
        house.ended(run)
    house.parts.watcher.step()
    board = queries.dashboard()
    assert (board.total, board.protected, board.active, board.waiting, board.never_run) == (2, 2, (), (), 0)
    assert {run.id for run in board.recent} == {run.id for run in runs}
    assert board.last_good_at == max(house.parts.manager.run(run.id).ended_at for run in runs)


def test_the_dashboard_names_the_hosts_that_do_not_answer(house: House) -> None:
    use_tool(house.arena, [["end", 10]])
    queries, watcher = house.parts.queries, house.parts.watcher
    run = house.start(house.create(dest=f"rsync://127.0.0.1:{free_port()}/data/copy"))
    wait_for(lambda: watcher.step() and [run for run in watcher.active() if run.state is RunState.WAITING])
    wait_for(lambda: watcher.step() and queries.dashboard().unreachable)
    assert queries.dashboard().unreachable == ("127.0.0.1",)
    house.parts.manager.pause(run.job_id)
    assert house.ended(run).waits_for == ""
    assert queries.dashboard().unreachable == ()


def test_the_revision_changes_with_what_a_page_shows_and_not_with_figures(house: House) -> None:
    go = house.arena.root / "go"
    use_tool(house.arena, [["progress", 1, 1], ["until", str(go)], ["progress", 2, 2], ["until", f"{go}2"]])
    queries = house.parts.queries
    seen = [queries.revision()]
    job = house.create()
    seen.append(queries.revision())
    run = house.start(job)
    seen.append(queries.revision())
    wait_for(lambda: house.parts.watcher.step() and house.parts.watcher.active()[0].progress.bytes_transferred == 1)
    seen.append(queries.revision())
    go.touch()
    wait_for(lambda: house.parts.watcher.step() and house.parts.watcher.active()[0].progress.bytes_transferred == 2)
    assert queries.revision() == seen[-1]
    (house.arena.root / "go2").touch()
    house.ended(run)
    house.parts.watcher.step()
    seen.append(queries.revision())
    assert len(set(seen)) == len(seen)


def test_a_job_that_claims_to_run_is_foreign_while_fresh_then_abandoned(house: House) -> None:
    job = house.create()
    house.parts.jobs.set_status(job.id, "running")
    assert house.parts.queries.job_view(job.id).doubt == "foreign"
    file = house.arena.folder.jobs_file
    old = local_text(SystemClock().now() - timedelta(minutes=5))
    file.write_text(file.read_text().replace(house.parts.jobs.get(job.id).updated_at, old))
    assert house.parts.queries.job_view(job.id).doubt == "abandoned"
    carrier = subprocess.Popen(["sh", "-c", "read x", job.source, job.dest], stdin=subprocess.PIPE)
    try:
        wait_for(lambda: House(house.arena).parts.queries.job_view(job.id).doubt == "foreign")  # argv comes after exec
    finally:
        carrier.communicate()


def test_a_setting_that_is_not_built_is_named(house: House) -> None:
    job = house.create()._replace(settings=JobSettings(unbuilt=("hooks", "schedule")))
    view = house.parts.queries._view(job, {})
    assert view.problem == "It asks for hooks, schedule, which this version does not carry out yet."


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source": "relative/path"}, "Its source cannot be used. A folder on this machine starts with /."),
        ({"dest": "/srv/photos/copy"}, "Its destination cannot be used. This folder lies inside the source"),
        ({"type": "rclone", "settings": JobSettings(exclude=("[a",))}, "Its “Leave out” cannot be used. rclone does"),
    ],
)
def test_what_only_the_engine_refuses_is_named_before_somebody_starts_it(
    house: House, changes: dict[str, Any], words: str
) -> None:
    view = house.parts.queries._view(build.job(**{"source": "/srv/photos/", **changes}), {})
    assert view.problem.startswith(words)
    assert view.needs_attention


def test_a_proof_holds_for_the_places_that_were_compared(house: House) -> None:
    job = house.create()
    found = Verification("checksum", files_checked=3, passed=True)
    run = build.run(job_id=job.id, source=job.source, dest=job.dest, state=RunState.DONE, kind="verify")
    queries = house.parts.queries
    assert queries.job_view(job.id).last_proven == ""
    run = run._replace(ended_at=build.MOMENT, verification=found)
    house.arena.store.create(run, {})
    house.arena.store.finish(run)
    house.parts.bus.publish(RunChanged(run))
    assert queries.job_view(job.id).last_proven == build.MOMENT
    house.parts.jobs.update(job._replace(dest=f"{job.dest}/elsewhere"))
    assert queries.job_view(job.id).last_proven == ""


def test_the_past_of_a_job_comes_from_its_history(house: House) -> None:
    use_tool(house.arena, [["end", 0]])
    job = house.create()
    queries = house.parts.queries
    assert queries.history(job.id) == ()
    assert queries.usual(job.id) is None
    assert [cell.state for cell in queries.strip(job.id)] == ["none"] * 30
    run = house.ended(house.start(job))
    house.parts.watcher.step()
    (known,) = queries.history(job.id)
    assert (known.run_id, known.job_name, known.state) == (run.id, job.name, RunState.DONE)
    assert [cell.state for cell in queries.strip(job.id, days=3)] == ["none", "none", "good"]
    usual = queries.usual(job.id)
    assert usual is not None
    assert (usual.runs, usual.like) == (1, known)


def run_behind_a_page(house: House) -> None:
    """A job is shown as never run, and then runs; no page was put together since."""
    job = house.create()
    assert house.parts.queries.dashboard().never_run == 1
    assert house.ended(house.start(job)).state is RunState.DONE


def test_who_asks_while_a_page_is_put_together_is_not_given_the_one_before(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_behind_a_page(house)
    queries, index = house.parts.queries, house.parts.queries._index
    begun, go, latest = threading.Event(), threading.Event(), index.latest

    def slowly(job_id: str) -> Latest:
        begun.set()
        assert go.wait(10)
        return latest(job_id)

    monkeypatch.setattr(index, "latest", slowly)
    boards: list[DashboardView] = []
    askers = [threading.Thread(target=lambda: boards.append(queries.dashboard())) for _ in range(2)]
    askers[0].start()
    assert begun.wait(10)
    askers[1].start()
    askers[1].join(0.3)
    assert boards == []
    go.set()
    for asker in askers:
        asker.join(10)
    assert [board.protected for board in boards] == [1, 1]


def test_what_changed_is_not_forgotten_where_a_page_could_not_be_put_together(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_behind_a_page(house)
    queries, index = house.parts.queries, house.parts.queries._index

    def fail(job_id: str) -> Latest:
        raise StoreUnavailable("The disk reports an error.")

    with monkeypatch.context() as broken:
        broken.setattr(index, "latest", fail)
        with pytest.raises(StoreUnavailable):
            queries.dashboard()
    board = queries.dashboard()
    assert (board.never_run, board.protected) == (0, 1)


def test_a_list_of_many_jobs_is_put_together_in_turns_with_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("utils.turns._WORK", 0)
    for number in range(3):
        house.create(f"Job {number}", dest=str(house.arena.dest / str(number)))
    seen: list[int] = []

    class Giving(SystemClock):
        def sleep(self, seconds: float) -> None:
            seen.append(queries._board.counts["all"])

    parts = house.parts
    queries = Queries(parts.jobs, parts.queries._index, parts.queries._foreign, lambda: (), Giving())
    assert queries.job_views().total == 3
    assert seen == [0, 0, 0], "and nobody saw a part of it meanwhile"


def test_what_another_process_deletes_is_shown_and_counted_no_more(house: House) -> None:
    gone, kept = house.create("Gone"), house.create("Kept", dest=str(house.arena.dest / "kept"))
    now, queries = utc_text(SystemClock().now()), house.parts.queries
    for job in (gone, kept):
        sent = Statistics(transferred_bytes=10)
        run = build.run(job_id=job.id, state=RunState.FAILED, started_at=now, ended_at=now, statistics=sent)
        house.arena.store.create(run, {})
        house.arena.store.finish(run)
    before = queries.dashboard()
    assert (len(before.recent), before.failed_24h, before.total_bytes) == (2, 2, 20)
    House(house.arena).parts.manager.delete(gone.id)
    house.parts.watcher.step()
    board = queries.dashboard()
    assert [run.job_id for run in board.recent] == [kept.id]
    assert (board.failed_24h, board.total_bytes) == (1, 10)
