"""What people with accounts do behind nginx and what has to come of it, for tests and for `script/prove behind`."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests
from playwright.sync_api import Page

from models.role import Role
from tests.e2e import walk
from tests.e2e.behind import Behind
from tests.e2e.browser import NewVisit, Visit
from tests.e2e.test_without_websocket import longest_silence
from tests.faults.behind_world import NAMES, PASSWORD
from tests.servers import DEADLINE, ROOT, until

NEW_PASSWORD = "staple battery horse"
IS_LIVE = "document.documentElement.dataset.connection === 'live'"
SOON = 12.0  # seconds: a connection is looked at every second, and the slowest panel of a page asks every ten


@contextmanager
def visitor(scene: Behind, new_visit: NewVisit, role: Role, path: str = "/") -> Iterator[Visit]:
    """Somebody who has just logged in, is where they wanted to go, and leaves before the site does."""
    visit = new_visit(scene.site.address)
    visit.page.goto(path)
    log_in(visit.page, role)
    assert visit.page.url == f"{scene.site.address}{path}"
    yield visit
    for page in visit.context.pages:
        page.goto("about:blank")


def watch_a_run(scene: Behind, visit: Visit, folder: Path) -> str:
    """Started in the browser, watched there to its end; the job's page."""
    (job_id,) = scene.jobs(folder, 1, 9_000_000, 2_000)
    walk.start(visit.page, job_id)
    visit.live()
    walk.see_end(visit, "Done")
    walk.assert_watchable(visit.watched())
    assert longest_silence(visit, "Transferring", "Done") <= 1.5
    return f"/jobs/{job_id}"


def log_out_beside(visit: Visit, paths: Sequence[str]) -> float:
    """Log out in one tab while others show these pages; seconds until the last of them was led to the form."""
    others = [visit.open() for _ in paths]
    for page, path in zip(others, paths, strict=True):
        page.goto(path)
        until(_sees(page, lambda page: bool(page.evaluate(IS_LIVE))))
    visit.allow_status(401, 403)
    visit.page.goto("/account/")
    visit.page.get_by_role("button", name="Log out", exact=True).click()
    visit.page.wait_for_url(re.compile("/login"))  # by the answer, or by its own poll if that is first
    began = time.monotonic()
    for page in others:
        until(_sees(page, _is_led_away), SOON)
    return time.monotonic() - began


def change_password_beside(scene: Behind, visit: Visit, role: Role) -> float:
    """By the command line: seconds until the live connections and the stream of that login were over."""
    visit.live()
    cookie = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in visit.context.cookies())
    with (
        scene.connected(cookie, "websocket") as by_websocket,
        scene.connected(cookie, "polling") as by_polling,
        scene.streaming(cookie) as stream,
    ):
        visit.allow_status(401, 403)
        change_password(scene.product.data, role, NEW_PASSWORD)
        began = time.monotonic()
        until(lambda: not (by_websocket.connected or by_polling.connected or stream.is_alive()), SOON)
        taken = time.monotonic() - began
    until(_sees(visit.page, _is_led_away), SOON)
    log_in(visit.page, role, NEW_PASSWORD)
    visit.live()
    bearer = {"Authorization": f"Bearer {scene.tokens[role]}"}
    jobs = requests.get(f"{scene.product.address}/api/v1/jobs", headers=bearer, timeout=DEADLINE)
    assert jobs.status_code == 200, "a token has nothing to do with the password"
    return taken


def log_in(page: Page, role: Role, password: str = PASSWORD) -> None:
    """As a person does, on the form to which any page leads a stranger."""
    page.wait_for_url(re.compile("/login"))
    page.get_by_label("Name", exact=True).fill(NAMES[role])
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/login" not in url)


def change_password(data: Path, role: Role, password: str) -> None:
    """By the command line, beside the running server."""
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "flask_app", "users", "passwd", NAMES[role], "--password-stdin"],
        cwd=ROOT, env=os.environ | {"BACKUP_MANAGER_DATA_DIR": str(data)}, input=password, text=True, check=True,
        capture_output=True, timeout=3 * DEADLINE,
    )  # fmt: skip


def _is_led_away(page: Page) -> bool:
    return "/login" in page.url


def _sees(page: Page, question: Callable[[Page], bool]) -> Callable[[], bool]:
    """The question, for `until`; the page lives on while it is asked again."""

    def look() -> bool:
        page.wait_for_timeout(20)
        return question(page)

    return look
