"""One round of the moves: kill somebody in one phase of a move, see that nothing is lost, carry on to the end."""

import os
import random
import signal
import time
from dataclasses import dataclass

from core.process_facts import group_members, groups_of_run
from models.run import ENDED, GOOD, Run, RunState
from tests.faults.kills_world import Wrong, bytes_in, temporary_files, until
from tests.faults.move_world import Tree, World

S = RunState
PHASES = (S.TRANSFERRING, S.VERIFYING, S.DELETING, S.DELETING)
VICTIMS = (
    ("supervisor",), ("server", "supervisor", "tool"), ("server",),
    ("supervisor", "tool"), ("tool",), ("server", "supervisor"),
)  # fmt: skip
TRIES = 6


@dataclass
class Round:
    """What was done and seen; `fell` is the state of the run at the kill, `share` how much was deleted then."""

    victims: tuple[str, ...]
    mode: str
    fell: str = ""
    share: float = 0.0
    after: str = ""
    runs: int = 0
    files: int = 0

    def __str__(self) -> str:
        where = f"{self.fell} ({self.share:.0%} gone)" if self.fell == "deleting" else self.fell
        return f"{'+'.join(self.victims)} in {where}, {self.mode} -> {self.after}, {self.runs} runs, {self.files} files"


def play(world: World, phase: RunState, dice: random.Random) -> Round:
    """`Wrong` if a promise was broken."""
    if not world.server.runs:
        world.server.start()
    victims = dice.choice([found for found in VICTIMS if phase is not S.DELETING or found != ("tool",)])
    seen = Round(victims, dice.choice(("verify_then_delete", "per_file")))
    tree = Tree(world.root, world.files, dice)
    try:
        job = _create(world, tree, seen.mode)
        run = _start(world, seen, job)
        _strike(world, seen, tree, (job, run), phase, dice)
        _survive(world, seen, tree, (job, run))
        _carry_on(world, seen, tree, job)
        seen.files = len(tree.truth)
    finally:
        tree.close()
    world.server.data_of("DELETE", f"/jobs/{job}", status=204)
    return seen


def _create(world: World, tree: Tree, mode: str) -> str:
    limit = max(100, int(bytes_in(tree.source) / 1024 / world.seconds))
    settings = {
        "bandwidth_limit": limit, "delete_source_after": True, "deletion_confirmed": True, "deletion_mode": mode,
    }  # fmt: skip
    draft = {"name": "Move", "type": "rsync", "source": f"{tree.source}/", "dest": str(tree.dest), "settings": settings}
    return str(world.server.data_of("POST", "/jobs", draft, status=201)["id"])


def _start(world: World, seen: Round, job: str) -> str:
    seen.runs += 1
    return str(world.server.data_of("POST", f"/jobs/{job}/start", status=202)["run_id"])


def _strike(world: World, seen: Round, tree: Tree, run: tuple[str, str], phase: RunState, dice: random.Random) -> None:
    """At a random moment of the phase; where that was shorter than thought, behind it.

    The supervisor goes first, so that nobody is left to see the tool die.
    """
    shown = _until(world, run, phase, 60)
    supervisor = [shown.supervisor.pid] if shown.supervisor and "supervisor" in seen.victims else []
    if phase is S.DELETING:
        _await_deleted(world, run, dice.uniform(0, 0.95) * world.files)
        time.sleep(dice.uniform(0, 0.005))
    elif phase is shown.state:
        time.sleep(dice.uniform(0, world.seconds if phase is S.TRANSFERRING else 0.25))
    for pid in supervisor:
        _kill(pid)
    for pid in _tools(run[1]) if "tool" in seen.victims else []:
        _kill(pid)
    if "server" in seen.victims:
        world.server.kill()
    shown = world.shown(*run)
    seen.fell = str(shown.state.value)
    if shown.deletion and shown.deletion.files_total:
        seen.share = _deleted(world, run) / shown.deletion.files_total


def _await_deleted(world: World, run: tuple[str, str], wanted: float) -> None:
    """By the list of what was deleted: the figures are shown five times a second only."""
    deadline = time.monotonic() + 30
    while _deleted(world, run) < wanted:
        if world.store.read(*run).state in ENDED:
            return
        if time.monotonic() > deadline:
            raise Wrong("the deletion stands still")
        time.sleep(0.001)


def _deleted(world: World, run: tuple[str, str]) -> int:
    listed = world.data / "runs" / run[0] / run[1] / "deletions.jsonl"
    return listed.read_bytes().count(b'"what": "deleted"') if listed.exists() else 0


def _until(world: World, run: tuple[str, str], phase: RunState, seconds: float) -> Run:
    deadline = time.monotonic() + seconds
    while True:
        shown = world.shown(*run)
        if shown.state is phase or shown.state in ENDED:
            return shown
        if time.monotonic() > deadline:
            raise Wrong(f"never {phase}: {shown.state}, {shown.note}")
        time.sleep(0.002)


def _tools(run: str) -> list[int]:
    return [pid for group in groups_of_run(run) for pid in group_members(group)]


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _survive(world: World, seen: Round, tree: Tree, run: tuple[str, str]) -> None:
    """Nothing is lost at the moment of the kill, nor once the run has ended."""
    tree.hold()
    tree.judge(f"after {seen}")
    tree.go_on()
    if not world.server.runs:
        world.server.start()
    seen.after = _ended(world, run)
    tree.hold()
    tree.judge(f"at the end of {seen}")
    tree.go_on()


def _ended(world: World, run: tuple[str, str]) -> str:
    until(lambda: not (world.data / "active" / run[1]).exists(), 60, "the run ends")
    return str(world.store.find(run[1]).state.value)


def _carry_on(world: World, seen: Round, tree: Tree, job: str) -> None:
    """Once more while others write, then in peace until everything has moved."""
    # A file that was rewritten with the time and size it had is copied again only by checksum.
    world.server.data_of("PATCH", f"/jobs/{job}", {"settings": {"bandwidth_limit": 0, "verify": "checksum"}})
    _ended(world, (job, _start(world, seen, job)))
    tree.hold()
    tree.judge("behind the resumed run")
    for _ in range(TRIES):
        state = _ended(world, (job, _start(world, seen, job)))
        tree.judge("in peace")
        if RunState(state) in GOOD and not tree.left():
            break
    else:
        raise Wrong(f"never moved whole: {state}, {len(tree.left())} files left, {tree.left()[:2]}, {seen}")
    if found := temporary_files(tree.dest) + _asides(tree):
        raise Wrong(f"temporary files: {found[:3]}")


def _asides(tree: Tree) -> list[str]:
    """What a killed run set aside must not have become a file of the copy."""
    return [str(path) for path in tree.dest.rglob(".backup-manager-*")]
