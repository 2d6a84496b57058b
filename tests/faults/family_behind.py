"""Everything behind a real nginx: who may what, what browsers see there, and a restart; prints what was tried."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from flask_app import create_app
from flask_app.config import read_environment
from flask_app.listen import AsyncMode
from models.role import Role
from tests import build, fakes
from tests.e2e.behind import NO_WEBSOCKET, Behind, behind
from tests.e2e.behind_restart import JOBS, restart
from tests.e2e.behind_visits import change_password_beside, log_out_beside, visitor, watch_a_run
from tests.e2e.browser import Visit, launch
from tests.e2e.hashes import assert_same
from tests.faults.behind_matrix import LIES, METHODS, crawl
from tests.faults.behind_world import Caller, World, furnished_world
from tests.servers import until

NAME = "behind"
DEFAULT_COUNT = 2
MODES: tuple[AsyncMode, ...] = ("eventlet", "threading")
CLIENTS: dict[AsyncMode, int] = {"eventlet": 100, "threading": 60}  # a thread each, and some are kept for pages

PATIENCE = 300.0


def prove(count: int) -> int:
    """So many rounds, in both modes in turn; exit status 0 if nobody got in who may not, or was kept out or lost."""
    return max([_round(MODES[turn % 2]) for turn in range(count)])


def _round(mode: AsyncMode) -> int:
    print(f"behind: {mode}", flush=True)
    with tempfile.TemporaryDirectory(prefix="behind-") as place:
        folder = Path(place)
        root = build.data_folder(folder / "map").root
        app = create_app(fakes.container(), read_environment({"BACKUP_MANAGER_DATA_DIR": str(root)}))
        status = max([crawled(folder / access, mode, access, app) for access in ("auto", "required")])
        with sync_playwright() as play:
            browser = launch(play)
            _watched(folder, mode, browser)
            for is_killed in (False, True):
                _restarted(folder / f"restart-{is_killed}", mode, browser, is_killed)
            browser.close()
        return status


def crawled(folder: Path, mode: AsyncMode, access: str, app: Flask) -> int:
    began = time.monotonic()
    with furnished_world(folder, mode, access) as world:
        callers = [
            *[world.by_cookie(role) for role in Role], *[world.by_token(role) for role in Role],
            *[world.by_token(role, directly=True) for role in Role], world.nobody({}),
        ]  # fmt: skip
        if access == "required":
            callers += [*[world.by_cookie(role, directly=True) for role in Role], world.nobody({}, directly=True)]
        else:
            callers.append(world.somebody_here())
        strangers = _strangers(world)
        tally = crawl(world, app, callers, strangers, METHODS)
    taken = time.monotonic() - began
    print(
        f"behind: {access}: {len(callers)} callers and {len(strangers)} strangers, {tally.refused:,} refused, "
        f"{tally.allowed:,} answered, {len(tally.faults)} wrong ({taken:.0f} s)", *tally.faults, sep="\n  ", flush=True,
    )  # fmt: skip
    return 1 if tally.faults else 0


def _watched(folder: Path, mode: AsyncMode, browser: Browser) -> None:
    """Whatever is not as it must be raises."""
    for way, changes in (("WebSocket", None), ("polling", NO_WEBSOCKET)):
        with _visited(folder / way, mode, browser, Role.ADMINISTRATOR, changes) as (scene, visit):
            visit.allow("WebSocket connection to", "socket.io")
            job_page = watch_a_run(scene, visit, folder / way / "files")
            pages = ["/", "/jobs/", job_page, "/logs/", "/logs/runs"]
            taken = log_out_beside(visit, pages)
            assert (scene.websockets() > 0) == (changes is None)
        print(f"behind: live by {way}; logged out in one tab: {len(pages)} others led to the form in {taken:.1f} s")
    with _visited(folder / "password", mode, browser, Role.ADMINISTRATOR) as (scene, visit):
        taken = change_password_beside(scene, visit, Role.ADMINISTRATOR)
    print(f"behind: password changed on the console: sockets and streams over in {taken:.1f} s", flush=True)


def _restarted(folder: Path, mode: AsyncMode, browser: Browser, is_killed: bool) -> None:
    clients = CLIENTS[mode]
    with _visited(folder, mode, browser, Role.OPERATOR) as (scene, visit):
        found = restart(scene, visit, folder / "files", clients, is_killed=is_killed)
        until(lambda: all(scene.product.run(run_id)["ended_at"] for run_id in found.run_ids), PATIENCE)
        ends = [scene.product.run(run_id)["state"] for run_id in found.run_ids]
        assert ends == ["done"] * JOBS, ends
        for number in range(JOBS):
            assert_same(folder / "files" / f"source-{number}", folder / "files" / f"copy-{number}")
    print(
        f"behind: {'killed' if is_killed else 'stopped'} and started with {JOBS} running jobs: all done, identical; "
        f"browser live and right {found.browser:.2f} s after the first answer, {clients} clients {found.crowd:.2f} s",
        flush=True,
    )  # fmt: skip


@contextmanager
def _visited(
    folder: Path, mode: AsyncMode, browser: Browser, role: Role, changes: dict[str, str] | None = None
) -> Iterator[tuple[Behind, Visit]]:
    """Somebody in a browser window, whose console is judged at the end."""
    visits: list[Visit] = []

    def window(address: str) -> Visit:
        visits.append(Visit(browser, address))
        return visits[0]

    with behind(folder, mode, changes) as scene, visitor(scene, window, role) as visit:
        yield scene, visit
    visits[0].close()


def _strangers(world: World) -> list[Caller]:
    """Through nginx whatever they say; directly with what tells that something stands between; by a careless nginx."""
    through = [world.nobody(lies) for lies in LIES]
    return [*through, *[world.nobody(lies, directly=True) for lies in LIES[:3]], world.careless_stranger()]
