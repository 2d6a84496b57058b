"""Every setting by its effect: saved on the page, seen in real tools, real restarts and a real browser."""

import json
import os
import signal
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Request

from core import knock
from core.process_facts import groups_of_run
from tests.e2e.browser import NewVisit, Product
from tests.e2e.remote_hosts import PASSWORD, RsyncDaemon, SilentHost
from tests.e2e.visitor import Visitor
from tests.servers import until
from tests.whole import only_whole, some

pytestmark = pytest.mark.timeout(180)
SLOW = {"bandwidth_limit": 150}  # KiB/s: such a run is under way until it is ended


@pytest.fixture
def reset_product(product: Product) -> Iterator[Product]:
    """The shared server, at its defaults again at the end."""
    yield product
    visitor = Visitor(product.port)
    visitor.get("/settings/")
    assert visitor.post("/settings/reset").status == 303


def save(product: Product, section: str, **typed: str) -> None:
    """As a person does it, without JavaScript."""
    visitor = Visitor(product.port)
    shown = visitor.get("/settings/")
    was = {name: value for name, value in shown.values.items() if name.startswith("was_")}
    answer = visitor.post("/settings/save", {**was, "section": section, **typed})
    assert (answer.status, answer.location) == (303, f"/settings/#{section}")


def source_of(folder: Path, size: int) -> Path:
    source = folder / "source"
    source.mkdir()
    (source / "film").write_bytes(os.urandom(size))
    return source


def tool_of(run_id: str) -> int:
    """The pid of the run's tool, once it is there."""
    return until(lambda: groups_of_run(run_id))[0]


def argv_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


def supervisor_of(product: Product, job_id: str, run_id: str) -> int:
    record = product.data / "runs" / job_id / run_id / "run.json"
    return int(until(lambda: (json.loads(record.read_text())["supervisor"] or {}).get("pid")))


def seconds_of(run: dict[str, Any]) -> float:
    moments = [time.strptime(run[name].split(".")[0].removesuffix("Z"), "%Y-%m-%dT%H:%M:%S") for name in STAMPS]
    return time.mktime(moments[1]) - time.mktime(moments[0])


STAMPS = ("started_at", "ended_at")


def test_the_default_speed_limit_reaches_the_tool_and_holds(reset_product: Product, tmp_path: Path) -> None:
    product, source = reset_product, source_of(tmp_path, 6_000_000)
    job_id = product.server.create_job(source, tmp_path / "copy")
    own = product.server.create_job(source, tmp_path / "own", settings={"bandwidth_limit": 0})
    save(product, "defaults", default_bandwidth_limit="1000")
    run_id = product.server.start(job_id)
    assert "--bwlimit=1000" in argv_of(tool_of(run_id))
    limited = product.server.ended(run_id)
    assert seconds_of(limited) >= 4, "6 MB at 1000 KiB/s"
    unlimited = product.server.ended(product.server.start(own))
    assert seconds_of(unlimited) < seconds_of(limited), "a job's own 0 is no limit"

    (source / "film").write_bytes(os.urandom(6_000_000))
    save(product, "defaults", default_bandwidth_limit="0")
    second = product.server.ended(product.server.start(job_id))
    assert second["state"] == "done"
    assert seconds_of(second) < seconds_of(limited)


def test_the_priority_reaches_the_tool_of_the_next_run(reset_product: Product, tmp_path: Path) -> None:
    product, source = reset_product, source_of(tmp_path, 3_000_000)
    job_id = product.server.create_job(source, tmp_path / "copy", settings=SLOW)
    for wanted in (10, 4):
        if wanted != 10:
            save(product, "tools", nice=str(wanted))
        run_id = product.server.start(job_id)
        tool = tool_of(run_id)
        until(lambda tool=tool, wanted=wanted: os.getpriority(os.PRIO_PROCESS, tool) == wanted)  # type: ignore[misc]
        product.server.api("POST", f"/jobs/{job_id}/pause")
        product.server.ended(run_id)


@pytest.mark.parametrize("is_on", some([True, False], 0))
def test_what_was_interrupted_goes_on_once_when_the_server_starts(
    own_product: Product, tmp_path: Path, is_on: bool
) -> None:
    """Of five runs a crash ends two, a shutdown one; a person paused one, and one that was lost before it obeyed."""
    product, source = own_product, source_of(tmp_path, 3_000_000)
    save(product, "service", auto_start_on_launch="true" if is_on else "false")
    jobs, runs = {}, {}
    for name in ("crash", "shutdown", "paused", "told"):
        jobs[name] = product.server.create_job(source, tmp_path / name, name=name, settings=SLOW)
        runs[name] = product.server.start(jobs[name])
    supervisors = {name: supervisor_of(product, jobs[name], runs[name]) for name in runs}
    for run_id in runs.values():
        tool_of(run_id)
    product.server.api("POST", f"/jobs/{jobs['paused']}/pause")
    assert product.server.ended(runs["paused"])["state"] == "paused"
    os.kill(supervisors["told"], signal.SIGSTOP)
    product.server.api("POST", f"/jobs/{jobs['told']}/pause")
    product.kill()
    os.kill(supervisors["shutdown"], signal.SIGTERM)
    for name in ("crash", "told"):
        os.kill(supervisors[name], signal.SIGKILL)

    product.start()
    for name in ("crash", "shutdown", "told"):
        assert product.server.ended(runs[name])["state"] == "interrupted"
    if is_on:
        for name in ("crash", "shutdown"):
            resumed = until(lambda name=name: [run for run in product.runs(jobs[name]) if run["id"] != runs[name]])  # type: ignore[misc]
            assert resumed[0]["trigger"] == "launch"
        again = product.runs(jobs["crash"])[0]["id"]
        tool_of(again)
        os.kill(supervisor_of(product, jobs["crash"], again), signal.SIGKILL)
        assert product.server.ended(again)["state"] == "interrupted"
    pass_a_while(product, tmp_path)
    counts = {name: len(product.runs(job_id)) for name, job_id in jobs.items()}
    once = 2 if is_on else 1
    assert counts == {"crash": once, "shutdown": once, "paused": 1, "told": 1}, "once per start, nobody's pause undone"
    assert "crash" in Visitor(product.port).get("/recovery").words


def pass_a_while(product: Product, folder: Path) -> None:
    """A whole run from start to end: the server has done its chores meanwhile."""
    small = folder / "small"
    small.mkdir()
    (small / "file").write_bytes(bytes(300_000))
    job_id = product.server.create_job(small, folder / "small copy", settings=SLOW)
    assert product.server.ended(product.server.start(job_id))["state"] == "done"


@only_whole
def test_a_silent_host_is_asked_as_often_as_the_setting_says(reset_product: Product, tmp_path: Path) -> None:
    """Each question waits five seconds for an answer; with the default the third would come after a minute."""
    product, source = reset_product, source_of(tmp_path, 1000)
    save(product, "service", network_check_interval="5")
    with SilentHost() as silent:
        dest = f"rsync://127.0.0.1:{silent.port}/data/copy"
        body = {"name": "Far", "type": "rsync", "source": str(source), "dest": dest}
        answer = product.server.api("POST", "/jobs", json={**body, "password": PASSWORD})
        job_id = answer.json()["data"]["id"]
        run_id = product.server.start(job_id)
        asked: dict[int, float] = {}

        def third_question() -> bool:
            for pid in questions(silent.port):
                asked.setdefault(pid, time.monotonic())
            return len(asked) == 3

        until(third_question, 60)
        first, second, third = sorted(asked.values())
        assert 8 < third - second < 20, (first, second, third)
        product.server.api("POST", f"/jobs/{job_id}/pause")
        assert until(lambda: run if (run := product.run(run_id))["ended_at"] else None, 15)["state"] == "paused"


def questions(port: int) -> list[int]:
    """The processes that ask now."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = argv_of(int(name))
        except OSError:
            continue
        if knock.__file__ in words and str(port) in words:
            found.append(int(name))
    return found


FAILING = """#!/bin/sh
[ "$1" = --version ] && { echo "rsync  version 3.5.0  protocol version 32"; exit 0; }
echo >> "$0.tries"
exit 12
"""


@pytest.mark.parametrize("tries", [1, 2])
def test_a_run_has_as_many_tries_as_the_setting_says(
    reset_product: Product, rsync_daemon: RsyncDaemon, tmp_path: Path, tries: int
) -> None:
    """The host answers and the tool fails as on a bad line; the tool is also one that the page was told of."""
    product, source, tool = reset_product, source_of(tmp_path, 1000), tmp_path / "rsync"
    tool.write_text(FAILING)
    tool.chmod(0o755)
    save(product, "tools", rsync=str(tool))
    save(product, "defaults", max_retry_attempts=str(tries))
    body = {"name": "Far", "type": "rsync", "source": str(source), "dest": rsync_daemon.address("copy")}
    answer = product.server.api("POST", "/jobs", json={**body, "password": PASSWORD})
    run_id = product.server.start(answer.json()["data"]["id"])
    ended = until(lambda: run if (run := product.run(run_id))["ended_at"] else None, 30)
    assert ended["state"] == "failed"
    assert Path(f"{tool}.tries").read_text().count("\n") == tries


def flipped(path: Path) -> None:
    """One bit other, size and date as before."""
    before, content = path.stat(), bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(("mode", "is_repaired", "state"), [
    ("fast", False, "done"),
    ("checksum", True, "done_with_warnings"),
    ("verify_after", False, "failed"),
])  # fmt: skip
def test_how_copies_are_compared_decides_what_becomes_of_a_flipped_bit(
    reset_product: Product, tmp_path: Path, mode: str, is_repaired: bool, state: str
) -> None:
    product, source = reset_product, source_of(tmp_path, 200_000)
    job_id = product.server.create_job(source, tmp_path / "copy")
    assert product.server.ended(product.server.start(job_id))["state"] == "done"
    flipped(tmp_path / "copy" / "film")
    save(product, "defaults", verification_mode=mode)
    assert product.server.ended(product.server.start(job_id))["state"] == state
    is_same = (source / "film").read_bytes() == (tmp_path / "copy" / "film").read_bytes()
    assert is_same is is_repaired


PANELS = {"/stats": 5.0, "/active-jobs": 3.0, "/recent-activity": 10.0}


@only_whole
@pytest.mark.browser
def test_the_dashboards_panels_ask_at_their_pace_and_take_up_another_without_a_reload(
    reset_product: Product, new_visit: NewVisit, tmp_path: Path
) -> None:
    product = reset_product
    product.server.create_job(source_of(tmp_path, 1000), tmp_path / "copy")
    save(product, "service", auto_refresh_interval="1")
    visit = new_visit(product.address)
    asked: dict[str, list[float]] = {path: [] for path in PANELS}

    def note(request: Request) -> None:
        path = request.url.removeprefix(product.address).partition("?")[0]
        asked.get(path, []).append(time.monotonic())

    visit.page.on("request", note)
    visit.go("/")
    visit.page.wait_for_timeout(11_500)
    assert gaps(asked) == pytest.approx({path: seconds / 2 for path, seconds in PANELS.items()}, rel=0.3)

    save(product, "service", auto_refresh_interval="4")
    visit.wait("document.querySelector('[hx-trigger^=\"every 6000ms\"]')")
    for moments in asked.values():
        moments.clear()
    visit.page.wait_for_timeout(13_500)
    assert gaps(asked)["/active-jobs"] == pytest.approx(6.0, rel=0.3)


def gaps(asked: dict[str, list[float]]) -> dict[str, float]:
    """The usual time between two requests of a path."""
    found = {}
    for path, moments in asked.items():
        between = sorted(later - earlier for earlier, later in pairwise(moments))
        found[path] = between[len(between) // 2] if between else 0.0
    return found
