"""The supervisor, seen from outside: how runs end, and what it costs."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.process import ROOT
from models.run import Outcome, Run, RunState
from tests.core.arena import Arena, folder_of, same_trees, wait_for

PARTIAL = ".rsync-partial"


def temporary_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name == PARTIAL or re.fullmatch(r"\..+\.\w{6}", path.name)]


def test_a_run_ends_done_with_an_identical_copy(arena: Arena) -> None:
    arena.write(a=100_000, sub__b=b"text", empty=b"")
    run = arena.carry_out(arena.job())
    assert run.state is RunState.DONE
    assert run.outcome == Outcome("3 files copied, 100 kB.", exit_code=0)
    states = [mark.state for mark in run.phases]
    assert states == [RunState.STARTING, RunState.CHECKING, RunState.TRANSFERRING, RunState.DONE]
    assert (run.progress.percent, run.progress.bytes_transferred) == (100.0, 100_004)
    assert same_trees(arena.source, arena.dest) == ""


def test_a_done_run_leaves_only_its_record_behind(arena: Arena) -> None:
    arena.write(a=100_000)
    run = arena.carry_out(arena.job())
    assert sorted(path.name for path in folder_of(arena, run).iterdir()) == [
        "live", "lock", "output.log", "run.json", "spec.json", "supervisor.log",
    ]  # fmt: skip
    assert arena.supervisor_log(run) == ""
    assert temporary_files(arena.dest) == []
    assert arena.store.ended_since(0)[0] == ((run.job_id, run.id),)
    assert arena.store.history(run.job_id) == (run,)
    assert arena.store.read_live(run.job_id, run.id) is None


@pytest.mark.parametrize(
    ("code", "state", "words"),
    [
        (0, RunState.DONE, ""),
        (24, RunState.DONE, "vanished"),
        (23, RunState.DONE_WITH_WARNINGS, "could not be copied"),
        (25, RunState.FAILED, "delete limit"),
        (20, RunState.FAILED, "stopped by another program"),
        (11, RunState.FAILED, ""),
        (99, RunState.FAILED, ""),
    ],
)
def test_the_exit_code_decides_how_a_run_ends(arena: Arena, code: int, state: RunState, words: str) -> None:
    lie: list[list[Any]] = [["say", "rsync error: some files were not transferred (code 23)\n"], ["end", code]]
    run = arena.carry_out(arena.job(), arena.stand_in(lie))
    assert (run.state, run.outcome.exit_code) == (state, code)
    assert words in run.outcome.reason
    assert f"code {code}." not in run.outcome.reason


def test_a_run_that_could_not_copy_everything_is_done_with_warnings(arena: Arena) -> None:
    arena.write(good=b"1", blocked=b"2")
    (arena.dest / "blocked" / "full").mkdir(parents=True)
    run = arena.carry_out(arena.job())
    assert run.state is RunState.DONE_WITH_WARNINGS
    assert "could not make way for new regular file: blocked" in arena.log(run)
    assert (arena.dest / "good").read_bytes() == b"1"


@pytest.mark.parametrize("ending", ["//new/copy", "/new//copy//", "/./new/./copy", "/new/copy/.", "/new/copy/./"])
def test_a_destination_is_made_however_it_was_typed(arena: Arena, ending: str) -> None:
    arena.write(a=1)
    run = arena.carry_out(arena.job(dest=f"{arena.dest}{ending}"))
    assert run.state is RunState.DONE, run.outcome
    assert same_trees(arena.source, arena.dest / "new" / "copy") == ""


def test_a_source_that_vanished_before_the_start_is_named(arena: Arena) -> None:
    run = arena.carry_out(arena.job(source="/nowhere/at/all"))
    assert run.state is RunState.FAILED
    assert "/nowhere/at/all does not exist" in run.outcome.reason


def test_a_second_supervisor_leaves_the_run_alone(arena: Arena) -> None:
    go = arena.root / "go"
    run = arena.start(arena.job(), arena.stand_in([["until", str(go)], ["end", 0]]))
    arena.until_state(run, RunState.CHECKING)
    assert arena.supervise(run).wait(10) == 75
    go.touch()
    assert arena.ended(run).state is RunState.DONE
    assert arena.supervise(run).wait(10) == 75
    assert arena.tries() == 1
    assert len(arena.store.history(run.job_id)) == 1


def test_a_supervisor_starts_fast_and_small(arena: Arena, capsys: pytest.CaptureFixture[str]) -> None:
    go = arena.root / "go"
    tool = arena.stand_in([["until", str(go)]])
    times, sizes = [], []
    for _ in range(5):
        run = arena.start(arena.job(), tool)
        begun = os.stat(folder_of(arena, run) / "supervisor.log").st_ctime_ns
        now = arena.until_state(run, RunState.CHECKING)
        assert now.supervisor is not None
        status = Path(f"/proc/{now.supervisor.pid}/status").read_text()
        sizes.append(int(status.split("VmHWM:")[1].split()[0]) / 1024)
        times.append(_seconds_after(now, begun))
    with capsys.disabled():
        print(f"\nsupervisor: {1000 * sorted(times)[2]:.0f} ms to its first record, {max(sizes):.1f} MiB")
    go.touch()
    assert sorted(times)[2] < 1.0
    assert max(sizes) < 20.0


def _seconds_after(run: Run, begun: int) -> float:
    from utils.clock import parse_utc

    return parse_utc(run.phases[0].at).timestamp() - begun / 1e9


def test_without_a_record_of_its_start_a_run_does_not_start(arena: Arena) -> None:
    arena.write(a=1)
    run = arena.admit(arena.job())
    command = f"ulimit -f 0; exec {sys.executable} -s -m core.supervisor {folder_of(arena, run)}"
    assert subprocess.run(["sh", "-c", command], cwd=ROOT, stderr=subprocess.DEVNULL, check=False).returncode != 0
    assert arena.record(run) == run
    assert not arena.dest.exists()


@pytest.mark.parametrize("_time", range(5))
def test_an_order_is_heard_from_the_moment_that_the_start_is_recorded(arena: Arena, _time: int) -> None:
    arena.write(a=1)
    run = arena.start(arena.job(), arena.stand_in([["until", str(arena.root / "never")]]))
    wait_for(lambda: arena.store.read(run.job_id, run.id).supervisor)
    arena.order(run, "pause")
    assert arena.ended(run).state is RunState.PAUSED


def test_a_supervisor_knows_only_the_standard_library() -> None:
    ask = "import sys, core.supervisor, core.supervision; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    output = subprocess.run([sys.executable, "-sSc", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    ours = {"core", "engines", "storage", "models", "utils", "__main__"}
    assert set(output.stdout.split()) - set(sys.stdlib_module_names) - ours == set()


@pytest.mark.parametrize("name", ["rsync", "rclone"])
def test_a_plain_copy_loads_nothing_that_is_slow_and_not_needed(name: str) -> None:
    ask = f"import sys, core.supervisor, core.supervision, engines.{name}; print(*sys.modules)"
    output = subprocess.run([sys.executable, "-sc", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    slow = {"dataclasses", "inspect", "shutil", "tempfile", "yaml", "models.request", "core.deletion"}
    assert slow & set(output.stdout.split()) == set()


def test_the_tool_gets_a_clean_world_whatever_was_inherited(arena: Arena) -> None:
    told = arena.root / "told.json"
    run = arena.admit(arena.job(), arena.stand_in([["tell", str(told)], ["end", 0]]), nice=7)
    command = f"exec {sys.executable} -s -m core.supervisor {folder_of(arena, run)}"
    deaf = f"trap '' INT HUP TERM USR1 CHLD PIPE; umask 027; {command}"
    environment = {**os.environ, "RSYNC_RSH": "sh -c evil", "RSYNC_PASSWORD": "secret", "LD_PRELOAD": "", "EVIL": "1"}
    arena.children.append(subprocess.Popen(["sh", "-c", deaf], cwd=ROOT, env=environment))
    assert arena.ended(run).state is RunState.DONE
    facts = json.loads(told.read_text())
    assert set(facts["environment"]) <= {
        "PATH", "HOME", "USER", "LOGNAME", "TZ", "TMPDIR", "SSH_AUTH_SOCK", "XDG_RUNTIME_DIR",
        "LC_ALL", "LC_CTYPE", "BACKUP_MANAGER_RUN",
    }  # fmt: skip
    assert facts["environment"]["BACKUP_MANAGER_RUN"] == run.id
    # Python itself ignores PIPE and XFSZ when it starts.
    assert facts["ignored"] & ~(1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1) == 0
    assert facts["blocked"] == 0
    assert (facts["nice"], facts["leads_its_group"], facts["folder"]) == (7, True, "/")
    assert facts["parent_group"] != 0
    assert facts["umask"] == 0o027
    assert facts["oom_score"] == 300
    assert len(facts["descriptors"]) <= 4
