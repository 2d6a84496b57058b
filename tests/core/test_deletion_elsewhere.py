"""core/deletion.py with a source on another host: the tool deletes, from the list of what was proven."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.run import RunState
from tests import rclones
from tests.core.arena import Arena, wait_for
from tests.core.moving import Mover, files_in
from tests.flask_app.test_gunicorn_conf import free_port

NAMES = ("one", "two", "deep/three", "-rf", " blank ", "ümläut", "[1]*?")


class Far:
    """A mover and the address of its source there."""

    def __init__(self, mover: Mover, engine: str, address: str) -> None:
        self.mover, self.engine, self.address = mover, engine, address
        for name in NAMES:
            path = mover.source / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(os.fsencode(name))

    def carry_out(self, mode: str = "verify_then_delete") -> "tuple[RunState, str, int]":
        run = self.mover.carry_out(mode, source=self.address, type=self.engine)
        assert run.deletion is not None
        self.log, self.record = self.mover.arena.log(run), run
        return run.state, run.deletion.phase, run.deletion.files_deleted


@pytest.fixture
def daemon(arena: Arena) -> Iterator[Far]:
    port, settings = free_port(), arena.root / "rsyncd.conf"
    owner = "uid = root\ngid = root\n" if os.geteuid() == 0 else ""
    settings.write_text(f"use chroot = no\n[data]\npath = {arena.source}\nread only = no\n{owner}")
    with (arena.root / "daemon.log").open("wb") as log:
        process = subprocess.Popen(
            ["rsync", "--daemon", "--no-detach", f"--config={settings}", f"--port={port}", "--address=127.0.0.1"],
            stdout=log, stderr=log,
        )  # fmt: skip
    far = Far(Mover(arena), "rsync", f"rsync://127.0.0.1:{port}/data/")
    wait_for(lambda: subprocess.run(["rsync", far.address], capture_output=True, check=False).returncode == 0)
    yield far
    process.terminate()
    process.wait(10)


@pytest.fixture
def remote(arena: Arena) -> Far:
    mover = Mover(arena, rclones.tool("system"), "rclone")
    mover.config_file = str(arena.root / "rclone.conf")
    Path(mover.config_file).write_text(f"[far]\ntype = alias\nremote = {arena.source}\n")
    return Far(mover, "rclone", "far:")


@pytest.fixture(params=["daemon", "remote"])
def far(request: pytest.FixtureRequest) -> Far:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def test_every_proven_file_goes(far: Far) -> None:
    assert far.carry_out() == (RunState.DONE, "completed", len(NAMES)), far.record.outcome
    assert far.mover.left() == set()
    assert files_in(far.mover.dest) == set(NAMES)
    assert sorted(far.mover.listed(far.record, "about")) == sorted(NAMES)
    assert "How much room" not in far.log


def test_what_changed_behind_the_comparison_or_appeared_stays(far: Far) -> None:
    far.mover.meddle("after", "printf ONE > source/one; printf late > source/late")
    state, _phase, deleted = far.carry_out()
    assert far.mover.left() == {"one", "late"}
    assert (far.mover.dest / "one").read_bytes() == b"one"
    assert state is RunState.DONE_WITH_WARNINGS
    if far.engine == "rsync":  # a daemon keeps what it deletes to itself
        assert "the other side does not say which it deleted" in far.record.outcome.reason
    else:
        assert deleted == len(NAMES) - 1
        assert "1 file stayed there" in far.record.outcome.reason


def test_a_copy_that_is_not_proven_costs_nothing_there(far: Far) -> None:
    far.mover.meddle("before", "touch -r dest/two t; printf TWO > dest/two; touch -r t dest/two")
    assert far.carry_out() == (RunState.FAILED, "refused", 0)
    assert far.mover.left() == set(NAMES)


def test_file_by_file_those_that_are_proven_go(far: Far) -> None:
    far.mover.meddle("before", "touch -r dest/two t; printf TWO > dest/two; touch -r t dest/two")
    assert far.carry_out("per_file") == (RunState.FAILED, "completed", len(NAMES) - 1), far.record.outcome
    assert far.mover.left() == {"two"}
