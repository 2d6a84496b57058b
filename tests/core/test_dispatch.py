"""Handing runs and orders to supervisors."""

import signal
import subprocess

from core.dispatch import LocalDispatcher
from core.process_facts import identity
from models.run import RunState
from tests import build
from tests.core.arena import Arena, wait_for


def test_a_submitted_run_goes_on_by_itself_and_is_reaped(arena: Arena) -> None:
    dispatcher = LocalDispatcher(arena.folder, arena.store)
    run = arena.admit(arena.job(), arena.stand_in([["end", 0]]))
    dispatcher.submit(run)
    wait_for(lambda: not (arena.folder.active / run.id).exists())
    assert arena.store.read(run.job_id, run.id).state is RunState.DONE
    wait_for(lambda: dispatcher.reap() or not dispatcher._children)  # type: ignore[func-returns-value]


def test_an_order_reaches_a_supervisor_that_works(arena: Arena) -> None:
    run = arena.start(arena.job(), arena.stand_in([["progress", 1, 1], ["until", "/nowhere"]]))
    now = arena.until_state(run, RunState.TRANSFERRING)
    LocalDispatcher(arena.folder, arena.store).tell(now, "pause")
    assert arena.ended(run, 5).state is RunState.PAUSED


def test_an_order_waits_for_a_supervisor_that_is_not_there_yet(arena: Arena) -> None:
    run = arena.admit(arena.job(), arena.stand_in([["end", 0]]))
    LocalDispatcher(arena.folder, arena.store).tell(run, "pause")
    arena.supervise(run)
    assert arena.ended(run).state is RunState.PAUSED


def test_nobody_else_is_signalled_for_a_supervisor_that_is_gone(arena: Arena) -> None:
    """USR1 would end a bystander who has its pid now."""
    bystander = subprocess.Popen(["sleep", "1000"])
    arena.children.append(bystander)
    who = identity(bystander.pid)
    assert who is not None
    run = build.run(state=RunState.TRANSFERRING, supervisor=who._replace(start_ticks=who.start_ticks - 1))
    arena.admit(build.job(id=run.job_id), run=run)
    LocalDispatcher(arena.folder, arena.store).tell(run, "pause")
    assert bystander.poll() is None
    LocalDispatcher(arena.folder, arena.store).tell(run._replace(supervisor=who), "pause")
    assert bystander.wait(5) == -signal.SIGUSR1
    arena.store.finish(run.moved(RunState.INTERRUPTED, build.MOMENT))
