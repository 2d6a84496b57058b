"""A real Chromium before a real server. A visit fails on any error in the console and any request that leaves."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, WebSocket, expect, sync_playwright

from flask_app.listen import AsyncMode
from tests.flask_app.test_gunicorn_conf import free_port
from tests.servers import DEADLINE, GUNICORN, ROOT, Server, until

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")  # the first is half the work
WIDE, PHONE = (1280, 900), (390, 844)
expect.set_options(timeout=DEADLINE * 1000)  # a machine that does much else is slow, not wrong
OBSERVER = (Path(__file__).parent / "observer.js").read_text()


class Product:
    """The product on one data folder and one port; it can be killed and started again."""

    def __init__(self, data: Path, mode: AsyncMode, **environ: str) -> None:
        self.data, self._mode, self._environ = data, mode, environ
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.server: Server

    def start(self) -> None:
        setting = {
            "BACKUP_MANAGER_DATA_DIR": str(self.data),
            "BACKUP_MANAGER_PORT": str(self.port),
            "BACKUP_MANAGER_ASYNC_MODE": self._mode,
        }
        printed = tempfile.NamedTemporaryFile(prefix="server-", suffix=".log", delete=False)  # noqa: SIM115
        command = [GUNICORN, "-c", str(ROOT / "gunicorn.conf.py"), "flask_app:create_app()"]
        with printed:
            process = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | setting | self._environ, stdout=printed, stderr=printed,
                start_new_session=True,
            )  # fmt: skip
        self.server = Server(self.address, self.data, process, Path(printed.name))
        until(self._answers)

    def _answers(self) -> bool:
        assert self.server.process.poll() is None, self.server.printed.read_text()
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(f"{self.address}/healthz", timeout=DEADLINE).ok
        return False

    def kill(self) -> None:
        """kill -9 to every process of the server; supervisors are in sessions of their own."""
        os.killpg(self.server.process.pid, signal.SIGKILL)
        self.server.process.wait(DEADLINE)
        self._read_printed()

    def stop(self) -> None:
        self.server.process.terminate()
        self.server.process.wait(DEADLINE)
        self._read_printed()

    def _read_printed(self) -> None:
        printed = self.server.printed.read_text()
        self.server.printed.unlink()
        assert "Traceback" not in printed, printed
        assert "shutdown error" not in printed, printed

    def run(self, run_id: str) -> dict[str, Any]:
        return self.server.run(run_id)

    def runs(self, job_id: str) -> list[dict[str, Any]]:
        return list(self.server.api("GET", f"/jobs/{job_id}/runs").json()["data"])

    def jobs(self) -> list[dict[str, Any]]:
        return list(self.server.api("GET", "/jobs").json()["data"])

    def clear(self) -> None:
        """Pause what runs, wait until nothing does, and delete all jobs."""
        for job in self.jobs():
            self.server.api("POST", f"/jobs/{job['id']}/pause")
            until(partial(self._is_deleted, job["id"]))

    def _is_deleted(self, job_id: str) -> bool:
        return self.server.api("DELETE", f"/jobs/{job_id}").status_code in {204, 404}


# What Chromium notes when a page is left while its channel is still being upgraded to WebSocket.
LEFT_EARLY = "WebSocket is closed before the connection is established"


class Visit:
    """One browser window. `problems` collects what must not happen; `allow` names what a test brings about."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.address, self.problems = address, list[str]()
        self._allowed = [re.compile(LEFT_EARLY)]
        size = options.pop("size", WIDE)
        self.context = browser.new_context(
            base_url=address, viewport={"width": size[0], "height": size[1]}, has_touch=size == PHONE, **options
        )
        self.context.add_init_script(OBSERVER)
        self.context.set_default_timeout(DEADLINE * 1000)
        self.page = self.open()

    def open(self) -> Page:
        """Another tab, watched like the first."""
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._note(f"page error: {error}"))
        page.on("request", self._asked)
        page.on("response", self._answered)
        page.on("websocket", self._connected)
        page.on("dialog", lambda dialog: self._note(f"a dialog of the browser: {dialog.message}"))
        return page

    def allow(self, *patterns: str) -> None:
        self._allowed += [re.compile(pattern) for pattern in patterns]

    def allow_status(self, *statuses: int) -> None:
        """Answers that a test asks for; Chromium reports each in the console."""
        self.allow(*[rf"status of {status}\b" for status in statuses])

    def allow_outage(self) -> None:
        """The server goes away during the test."""
        self.allow(
            "ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE", "ERR_INCOMPLETE", "WebSocket"
        )
        self.allow("ERR_CONTENT_LENGTH_MISMATCH")
        self.allow("ERR_SOCKET_NOT_CONNECTED", "error: htmx:", r"status of 400.*socket\.io")

    def go(self, path: str) -> Response:
        answer = self.page.goto(path, wait_until="load")
        assert answer is not None
        return answer

    def wait(self, expression: str, seconds: float = DEADLINE) -> None:
        """Until the expression is true in the page."""
        try:
            until(lambda: self._look(expression), seconds)
        except AssertionError as error:
            seen = self.page.locator("main").inner_text()
            raise AssertionError(f"{expression} did not become true at {self.page.url}; seen: {seen}") from error

    def _look(self, expression: str) -> bool:
        self.page.wait_for_timeout(20)
        return bool(self.page.evaluate(expression))

    def live(self) -> None:
        """Until the badge says Live and the page has caught up."""
        self.wait("document.documentElement.dataset.connection === 'live'")

    def watched(self) -> list[dict[str, Any]]:
        """What the figures of the run said, one after the other, since the page was loaded."""
        return list(self.page.evaluate("window.watched"))

    def shift(self) -> float:
        """How much of the page has jumped without a person's doing (0 = nothing)."""
        return float(self.page.evaluate("window.layoutShift"))

    def close(self) -> None:
        self.context.close()
        assert self.problems == [], self.problems

    def _note(self, problem: str) -> None:
        if not any(pattern.search(problem) for pattern in self._allowed):
            self.problems.append(problem)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._note(f"{message.type}: {message.text} at {message.location.get('url', '')}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.address}/", "data:image/", "blob:")):
            self._note(f"a request leaves: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self._note(f"status of {response.status}: {response.url}")

    def _connected(self, socket: WebSocket) -> None:
        if not socket.url.startswith(self.address.replace("http", "ws", 1) + "/"):
            self._note(f"a socket leaves: {socket.url}")


NewVisit = Callable[..., Visit]


# Sites of tests make their certificates themselves, and what a context ignores its shared workers do not.
FLAGS = ["--no-sandbox", "--ignore-certificate-errors"]


def launch(play: Any) -> Browser:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    assert program, "Chromium is missing"
    browser: Browser = play.chromium.launch(executable_path=program, args=FLAGS)
    return browser


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        browser = launch(play)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def shared_product(tmp_path_factory: pytest.TempPathFactory, server_mode: AsyncMode) -> Iterator[Product]:
    """One server for all tests that leave it as they found it."""
    product = Product(tmp_path_factory.mktemp("product") / "data", server_mode)
    product.start()
    yield product
    product.stop()


@pytest.fixture
def product(shared_product: Product) -> Iterator[Product]:
    """A server without jobs."""
    yield shared_product
    shared_product.clear()


@pytest.fixture
def own_product(tmp_path: Path, server_mode: AsyncMode) -> Iterator[Product]:
    """A server that the test may kill, and whose files it may break."""
    product = Product(tmp_path / "data", server_mode)
    product.start()
    yield product
    product.clear()
    product.stop()


@pytest.fixture
def new_visit(chromium: Browser) -> Iterator[NewVisit]:
    """Opens browser windows: `new_visit(address, size=PHONE, color_scheme="dark")`."""
    visits: list[Visit] = []

    def open_window(address: str, **options: Any) -> Visit:
        visits.append(Visit(chromium, address, **options))
        return visits[-1]

    yield open_window
    for visit in visits:
        visit.close()


@pytest.fixture
def visit(product: Product, new_visit: NewVisit) -> Visit:
    """One window, 1280 wide, light."""
    return new_visit(product.address)
