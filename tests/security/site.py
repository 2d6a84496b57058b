"""The whole product in this process behind a real port, so that a defence can be taken out of it while it serves.

The real core, real files, real supervisors and tools; only the web server is another one, and what the background
does is left to the tests of a real server. It judges nothing.
"""

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from core.container import Container
from flask_app.assembly import assemble
from flask_app.config import ServerConfig, read_environment
from storage.shared_file import replace_file
from tests.bench.server import ROOT
from tests.e2e.browser import NAMES
from tests.servers import DEADLINE, until

EVIL = "evil.example"  # a name of the attacker's that leads to this machine
BROKEN = ROOT / "tests" / "security" / "broken"


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing."""


@dataclass
class Site:
    """A server. `scripts` are changes (old, new) to what browsers get as our script.

    `furnished` are the runs in it by their jobs (none = it has no jobs to begin with).
    """

    app: Flask
    config: ServerConfig
    port: int
    root: Path
    browser: Browser
    scripts: list[tuple[str, str]] = field(default_factory=list)
    undo: list[Callable[[], None]] = field(default_factory=list)
    furnished: dict[str, str] = field(default_factory=dict)

    @contextlib.contextmanager
    def without(self, *defences: Callable[[pytest.MonkeyPatch, "Site"], None]) -> Iterator[None]:
        """The site with these defences taken out of it, until the `with` block ends."""
        with pytest.MonkeyPatch.context() as patch:
            for take_out in defences:
                take_out(patch, self)
            yield
        while self.undo:
            self.undo.pop()()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def core(self) -> Container:
        found: Container = self.app.extensions["container"]
        return found

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        more.setdefault("allow_redirects", False)
        return requests.request(method, f"{self.address}{path}", timeout=DEADLINE, **more)

    def jobs(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", "/api/v1/jobs?per_page=500").json()["data"])

    def make_job(self, **changes: Any) -> requests.Response:
        """Ask for a job that nothing is wrong with, but for what is changed."""
        source = self.root / "photos"
        source.mkdir(exist_ok=True)
        (source / "photo.jpg").write_text("content")
        body = {"name": "Photos", "type": "rsync", "source": f"{source}/", "dest": f"{self.root}/copies"}
        return self.ask("POST", "/api/v1/jobs", json={**body, **changes})

    def job(self, **changes: Any) -> str:
        answer = self.make_job(**changes)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    def run(self, job_id: str) -> dict[str, Any]:
        """Start the job, if it can be, and wait for its end; the run, or nothing."""
        answer = self.ask("POST", f"/api/v1/jobs/{job_id}/start")
        if answer.status_code != 202:
            return {}
        run_id = answer.json()["data"]["run_id"]
        return until(lambda: run if (run := self.look_at(run_id))["ended_at"] else None, 60)

    def look_at(self, run_id: str) -> dict[str, Any]:
        return dict(self.ask("GET", f"/api/v1/runs/{run_id}").json()["data"])

    def write(self, text: str) -> None:
        """By hand into jobs.yaml, all at once: what the server reads meanwhile is no part of it."""
        replace_file(self.data / "jobs.yaml", text.encode())

    def clear(self) -> None:
        """No jobs again, where there were none."""
        if self.furnished:
            return
        self.write("jobs: []\n")
        self.core.jobs.confirm_missing()

    @contextlib.contextmanager
    def configured(self, **values: object) -> Iterator[None]:
        """The server as another environment would have made it."""
        before = {name: getattr(self.config, name) for name in values}
        for name, value in values.items():
            object.__setattr__(self.config, name, value)
        try:
            yield
        finally:
            for name, value in before.items():
                object.__setattr__(self.config, name, value)

    @contextlib.contextmanager
    def visitor(self, **options: Any) -> Iterator[BrowserContext]:
        """A browser in which the owner has opened our page: whatever we remember him by, it holds."""
        context = self.browser.new_context(service_workers="block", **options)
        context.set_default_timeout(DEADLINE * 1000)
        if self.scripts:
            context.route("**/built/app.js*", self._rewritten)
        try:
            page = context.new_page()
            page.goto(f"{self.address}/jobs/")
            page.close()
            yield context
        finally:
            context.close()

    def _rewritten(self, route: Any) -> None:
        answer = route.fetch()
        text = answer.text()
        for old, new in self.scripts:
            assert old in text, "it is not in the script any more"
            text = text.replace(old, new)
        route.fulfill(response=answer, body=text)


@contextlib.contextmanager
def site_below(root: Path, browser: Browser) -> Iterator[Site]:
    """The product below `root`, until the `with` block ends."""
    config = read_environment({"BACKUP_MANAGER_DATA_DIR": str(root / "data")})
    app = assemble(config)  # and nothing in the background of the test's process
    server: Any = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield Site(app, config, server.server_port, root, browser)
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for which the attacker's name is this machine, as DNS rebinding makes it."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as play:
        # Newer Chromium asks before a page of the network reaches this machine; others do not, so nor does this one.
        asks = "LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,PrivateNetworkAccessSendPreflights"
        rules = ["--no-sandbox", f"--host-resolver-rules=MAP {EVIL} 127.0.0.1", f"--disable-features={asks}"]
        browser = play.chromium.launch(executable_path=program, args=rules)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def evil_site(page: str) -> Iterator[int]:
    """A site of somebody else on this machine; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    site = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.daemon_threads = True
    threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield site.server_address[1]
    finally:
        site.shutdown()
        site.server_close()


def break_supervisors(patch: pytest.MonkeyPatch, name: str) -> None:
    """Take a defence out of the supervisors too, which are processes of their own."""
    names = [*filter(None, os.environ.get("BROKEN_DEFENCES", "").split(",")), name]
    patch.setenv("BROKEN_DEFENCES", ",".join(names))
    patch.setenv("PYTHONPATH", str(BROKEN))
