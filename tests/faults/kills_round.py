"""One round of the kills: copy, kill somebody at a random moment, see what becomes of it, carry on to the end."""

import os
import random
import shutil
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.process_facts import group_members, groups_of_run
from tests.e2e.hashes import dry_run, tree_hash
from tests.faults.kills_world import World, Wrong, bytes_in, marks, supervisors, temporary_files, until

VICTIMS = (
    ("server",), ("supervisor",), ("tool",), ("server", "supervisor", "tool"),
    ("server", "supervisor"), ("supervisor", "tool"), ("server", "tool"), ("term",),
)  # fmt: skip
ENDED = {"done", "done_with_warnings", "failed", "paused", "interrupted", "cancelled"}


@dataclass
class Round:
    """What was done and seen; `share` of the bytes had arrived at the kill."""

    victims: tuple[str, ...]
    which_tool: str = ""
    share: float = 0.0
    after: str = ""
    shown_after: float | None = None
    stopped_after: float | None = None
    runs: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        who = "+".join(self.victims) + (f" ({self.which_tool})" if self.which_tool else "")
        parts = [f"{who} at {self.share:.0%} -> {self.after}", f"{len(self.runs)} runs"]
        if self.shown_after is not None:
            parts.append(f"shown live {self.shown_after:.2f} s after the first answer")
        if self.stopped_after is not None:
            parts.append(f"stopped in {self.stopped_after:.2f} s")
        return ", ".join(parts)


def play(world: World, victims: tuple[str, ...], dice: random.Random, source_hash: str) -> Round | None:
    """One round; None if the moment was missed. `Wrong` if a promise was broken."""
    if not world.server.runs:
        world.server.start()
    dest = world.root / f"dest-{dice.getrandbits(40):x}"
    limit = int(world.bytes / 1024 / world.seconds)
    job = _create(world, dest, limit)
    seen = Round(victims)
    try:
        run = world.server.data_of("POST", f"/jobs/{job}/start", status=202)["run_id"]
        seen.runs.append(run)
        if not _strike(world, seen, dest, run, dice):
            _until_ended(world, run, 60)
            return None
        _judge_what_follows(world, seen, job, run)
        _carry_on(world, seen, job)
        _judge_the_end(world, seen, job, dest, source_hash)
    finally:
        shutil.rmtree(dest, ignore_errors=True)
    world.server.data_of("DELETE", f"/jobs/{job}", status=204)
    return seen


def _create(world: World, dest: Path, limit: int) -> str:
    draft = {
        "name": "Kills", "type": "rsync", "source": f"{world.source}/", "dest": str(dest),
        "settings": {"bandwidth_limit": limit},
    }  # fmt: skip
    return str(world.server.data_of("POST", "/jobs", draft, status=201)["id"])


def _strike(world: World, seen: Round, dest: Path, run: str, dice: random.Random) -> bool:
    """Kill at a random share of the bytes between 5 % and 95 %; False if that moment was missed."""
    wanted = dice.uniform(0.06, 0.90) * world.bytes
    until(lambda: bytes_in(dest) >= wanted or _state(world, run) in ENDED, 60, "bytes arrive")
    pids = _targets(world, seen, run, dice)
    seen.share = bytes_in(dest) / world.bytes
    if not groups_of_run(run) or not 0.05 <= seen.share <= 0.95:
        return False
    for pid in pids:
        _signal(pid, signal.SIGKILL)
    if "server" in seen.victims:
        world.server.kill()
    if "term" in seen.victims:
        seen.stopped_after = world.server.stop()
    return True


def _targets(world: World, seen: Round, run: str, dice: random.Random) -> list[int]:
    """The supervisor first, so that nobody is left to see the tool die."""
    pids = []
    if "supervisor" in seen.victims:
        pids += supervisors(world.data)
    if "tool" in seen.victims:
        tools = [pid for group in groups_of_run(run) for pid in group_members(group)]
        chosen = dice.choice([*range(len(tools)), -1]) if tools else -1
        seen.which_tool = "all" if chosen < 0 else f"process {chosen + 1} of {len(tools)}"
        pids += tools if chosen < 0 else [tools[chosen]]
    return pids


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _state(world: World, run: str) -> str:
    status, answer = world.server.ask("GET", f"/runs/{run}")
    return str(answer["data"]["state"]) if status == 200 else f"no answer ({status})"


def _judge_what_follows(world: World, seen: Round, job: str, run: str) -> None:
    loses_supervisor, loses_tool = "supervisor" in seen.victims, "tool" in seen.victims
    if not world.server.runs:
        is_active = (world.data / "active" / run).exists()
        if not loses_supervisor and not loses_tool and is_active and not groups_of_run(run):
            raise Wrong("the transfer did not survive the server")
        first_answer = world.server.start()
        if not loses_supervisor:
            _judge_shown(world, seen, job, run, first_answer)
    if loses_supervisor:
        until(lambda: not groups_of_run(run), 10, "the tool of a dead supervisor is ended")
        until(lambda: _state(world, run) in ENDED, 10, "the end of a run without a supervisor is recorded")
    ended = _until_ended(world, run, 60)
    seen.after = ended["state"]
    _judge_words(seen, ended)


def _judge_shown(world: World, seen: Round, job: str, run: str, first_answer: float) -> None:
    """Live again within 5 s of the first answer, with figures that move or a wait for a try; or ended."""
    figures: set[int] = set()

    def is_shown() -> bool:
        now = world.server.data_of("GET", f"/runs/{run}")
        figures.add(now["progress"]["bytes_transferred"])
        is_active = world.server.data_of("GET", f"/jobs/{job}")["active_run_id"] == run
        moves = len(figures) > 1 or now["state"] == "waiting"
        return now["state"] in ENDED or (is_active and moves)

    until(is_shown, 5, "the run is shown live")
    seen.shown_after = time.monotonic() - first_answer
    if seen.shown_after > 5:
        raise Wrong(f"shown only after {seen.shown_after:.1f} s")


def _until_ended(world: World, run: str, seconds: float) -> dict[str, Any]:
    until(lambda: _state(world, run) in ENDED, seconds, "the run ends")
    return dict(world.server.data_of("GET", f"/runs/{run}"))


def _judge_words(seen: Round, ended: dict[str, Any]) -> None:
    """Server lost: done. Supervisor lost: interrupted. Tool lost: failed naming it, or tried again and done."""
    state, reason = ended["state"], ended["reason"]
    if "supervisor" in seen.victims:
        right = state == "interrupted" and "ended from outside" in reason
    elif "tool" in seen.victims:
        named = ended["signal"] == 9 or ended["exit_code"] in {12, 16, 19, 20}
        right = (state == "failed" and named and bool(reason)) or (state == "done" and ended["attempt"] > 1)
        seen.after += f" ({ended['exit_code'] if ended['signal'] is None else 'SIGKILL'})"
    else:
        right = state == "done" and ended["exit_code"] == 0
    if not right:
        raise Wrong(f"ended {state}: {reason} (code {ended['exit_code']}, signal {ended['signal']})")


def _carry_on(world: World, seen: Round, job: str) -> None:
    """Resume by the API until it is done, at full speed."""
    for _ in range(3):
        if _state(world, seen.runs[-1]) == "done":
            return
        world.server.data_of("PATCH", f"/jobs/{job}", {"settings": {"bandwidth_limit": 0}})
        seen.runs.append(world.server.data_of("POST", f"/jobs/{job}/start", status=202)["run_id"])
        _until_ended(world, seen.runs[-1], 120)
    if _state(world, seen.runs[-1]) != "done":
        raise Wrong("resuming does not complete it")


def _judge_the_end(world: World, seen: Round, job: str, dest: Path, source_hash: str) -> None:
    until(lambda: not os.listdir(world.data / "active"), 10, "every end is recorded")
    runs = world.server.data_of("GET", f"/jobs/{job}/runs")
    if [run["id"] for run in runs] != seen.runs[::-1]:
        raise Wrong(f"history has {[run['id'] for run in runs]}, there were {seen.runs[::-1]}")
    ended = (world.data / "runs" / "ended.jsonl").read_text()
    if any(ended.count(run) != 1 for run in seen.runs):
        raise Wrong("the stream of ends does not have each run once")
    last, shown = runs[0], world.server.data_of("GET", f"/jobs/{job}")
    figures = (last["percent"], last["progress"]["bytes_transferred"], last["result"]["total_bytes"])
    if (shown["status"], shown["state"]) != ("completed", "done") or figures != (100.0, world.bytes, world.bytes):
        raise Wrong(f"the record is not true: {shown['status']}, {shown['state']}, {figures}, {world.bytes}")
    _judge_the_copy(world, dest, source_hash)
    _judge_the_rest(world, seen, dest)


def _judge_the_copy(world: World, dest: Path, source_hash: str) -> None:
    if left := dry_run(world.source, dest):
        raise Wrong(f"rsync would still do: {left[:500]}")
    if tree_hash(dest) != source_hash:
        raise Wrong("the trees differ by an independent hash")


def _judge_the_rest(world: World, seen: Round, dest: Path) -> None:
    until(lambda: not supervisors(world.data), 5, "every supervisor has gone")
    strays = {pid: run for pid, run in marks().items() if run in seen.runs}
    if strays:
        raise Wrong(f"stray processes: {strays}")
    if found := temporary_files(dest, world.source) + temporary_files(world.data):
        raise Wrong(f"temporary files: {found[:5]}")
