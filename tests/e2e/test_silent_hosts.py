"""Runs whose host goes away and comes back: real hosts, real supervisors, questions every moment."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from core.process import ROOT
from core.process_facts import groups_of_run
from models.job import Job, JobSettings, SshAccess
from models.run import Run, RunState
from storage.job_store import JobStore
from tests.core.arena import Arena, arena, wait_for
from tests.e2e.remote_hosts import Listener, RsyncDaemon, SilentHost, SshHost
from tests.e2e.trees import MEBIBYTE, contents, leftovers, make_tree

__all__ = ["arena"]
SLOW = 1500  # KiB/s
LARGE = 5 * MEBIBYTE
OFTEN: dict[str, Any] = {"network_seconds": 0.2, "tries": 10}
Made = tuple[Listener, Job, dict[str, Any], Path]


@pytest.fixture(params=["ssh", "daemon"])
def remote(request: pytest.FixtureRequest, arena: Arena) -> Made:
    """A host, a job that copies to it, what its plan needs, and the folder there."""
    make_tree(arena.source, LARGE)
    return by_ssh(request, arena) if request.param == "ssh" else by_daemon(request, arena)


def by_ssh(request: pytest.FixtureRequest, arena: Arena) -> Made:
    host: SshHost = request.getfixturevalue("sshd")
    known = arena.root / "known"
    known.write_text(host.known_hosts_line())
    settings = JobSettings(ssh=SshAccess(host.port, str(host.key)))
    job = arena.job(dest=host.address(arena.dest), settings=settings)
    return host, job, {"known_hosts": str(known)}, arena.dest


def by_daemon(request: pytest.FixtureRequest, arena: Arena) -> Made:
    host: RsyncDaemon = request.getfixturevalue("rsync_daemon")
    password = arena.root / "password"
    password.write_text("violet-canary-4402\n")
    password.chmod(0o600)
    return host, arena.job(dest=host.address("copy")), {"password_file": str(password)}, host.module / "copy"


def waits(run: Run) -> bool:
    return run.state is RunState.WAITING and run.note == "for 127.0.0.1 to answer" and run.waits_for == "127.0.0.1"


def test_a_host_that_goes_down_in_mid_transfer_is_waited_for(
    arena: Arena, sshd: SshHost, request: pytest.FixtureRequest
) -> None:
    make_tree(arena.source, LARGE)
    host, job, access, there = by_ssh(request, arena)
    jobs = JobStore(arena.folder)
    jobs.create(job)
    run = arena.start(job, bandwidth_limit=SLOW, **access, **OFTEN)
    arena.until(run, lambda now: (now.progress.percent or 0) >= 30)
    sessions = sshd.sessions()
    host.stop()
    for pid in sessions:
        os.kill(pid, signal.SIGKILL)
    waiting = arena.until(run, waits)
    assert waiting.outcome.reason
    assert jobs.get(job.id).status == "running"
    host.start()
    done = arena.ended(run)
    assert (done.state, done.attempt, done.waits_for) == (RunState.DONE, 2, "")
    assert contents(there) == contents(arena.source)
    assert leftovers(there) == []
    log = arena.log(run)
    assert log.count("127.0.0.1 does not answer. It is asked again every ") == 1
    assert log.count("127.0.0.1 answers again.") == 1


def test_a_host_that_loses_its_power_while_it_is_read_is_waited_for(
    arena: Arena, rsync_daemon: RsyncDaemon, request: pytest.FixtureRequest
) -> None:
    make_tree(rsync_daemon.module / "copy", LARGE)
    _, job, access, there = by_daemon(request, arena)
    job = job._replace(source=f"{job.dest}/", dest=str(arena.dest))
    run = arena.start(job, bandwidth_limit=SLOW, **access, **OFTEN)
    arena.until(run, lambda now: (now.progress.percent or 0) >= 30)
    rsync_daemon.die()
    arena.until(run, waits)
    rsync_daemon.start()
    assert arena.ended(run).state is RunState.DONE
    assert contents(arena.dest) == contents(there)
    assert leftovers(arena.dest) == []


def test_a_host_that_is_not_there_at_the_start_is_waited_for(arena: Arena, remote: Made) -> None:
    host, job, access, there = remote
    host.stop()
    run = arena.start(job, **access, **OFTEN)
    arena.until(run, waits)
    host.start()
    assert arena.ended(run).state is RunState.DONE
    assert contents(there) == contents(arena.source)


@pytest.mark.parametrize(("order", "state"), [("pause", RunState.PAUSED), ("cancel", RunState.CANCELLED)])
def test_a_run_that_waits_for_its_host_can_be_stopped(arena: Arena, order: str, state: RunState) -> None:
    """Also while it asks a host that says nothing at all."""
    with SilentHost() as silent:
        dest = f"rsync://127.0.0.1:{silent.port}/data/copy"
        run = arena.start(arena.job(dest=dest), arena.stand_in([["end", 10]]), network_seconds=0.1)
        arena.until(run, lambda now: now.state is RunState.WAITING)
        wait_for(lambda: groups_of_run(run.id))
        started = time.monotonic()
        arena.order(run, order)
        ended = arena.ended(run)
        assert time.monotonic() - started < 5
    assert ended.state is state
    assert arena.tries() == 1
    assert groups_of_run(run.id) == []


def test_only_the_jobs_own_host_is_spoken_to(
    arena: Arena, rsync_daemon: RsyncDaemon, request: pytest.FixtureRequest
) -> None:
    """Everything that the supervisor and its children connect or send to, from the first to the last moment."""
    make_tree(arena.source)
    _, job, access, there = by_daemon(request, arena)
    rsync_daemon.stop()
    run = arena.admit(job, **access, **OFTEN)
    trace = arena.root / "strace"
    tool = ["strace", "-f", "-qq", "-s", "200", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", str(trace)]
    supervisor = [sys.executable, "-s", "-m", "core.supervisor", str(arena.folder.run_folder(run.job_id, run.id))]
    arena.children.append(subprocess.Popen([*tool, *supervisor], cwd=ROOT, env={**os.environ}))
    arena.until(run, waits, 60)
    rsync_daemon.start()
    assert arena.ended(run, 60).state is RunState.DONE
    assert contents(there) == contents(arena.source)
    met = re.findall(r"sa_family=(AF_INET6?)[^}]*port=htons\((\d+)\)[^}]*?\"([^\"]+)\"", trace.read_text())
    assert set(met) == {("AF_INET", str(rsync_daemon.port), "127.0.0.1")}
    assert len(met) >= 4, "a try, two questions, a try"
