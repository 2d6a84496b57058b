"""The pages over a real core in a folder full of things, of which no run really begins; it judges nothing."""

import contextlib
import io
import random
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_from_bytes

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from core.container import Container, build_container
from core.dispatch import LocalDispatcher
from core.doors import Doors
from flask_app import create_app
from flask_app.config import read_environment
from flask_app.sessions import COOKIE
from models.errors import AppError
from models.job import Job
from models.role import Role
from tests.faults.api_world import at_home, fill, lay_out
from tests.faults.form_fields import Entry

KEPT = 14  # jobs
PASSWORD = "correct horse battery"
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
FORM = "application/x-www-form-urlencoded"
_PART = re.compile(r"<(?:[^:>]*:)?([^>]*)>")
_OURS = ("/usr/bin/rsync",)


class FormsWorld:
    """Sends forms as a browser does, and says which jobs there are."""

    def __init__(self, app: Flask, core: Container, root: Path, dice: random.Random) -> None:
        self.app, self.core, self.root, self.dice = app, core, root, dice
        self.client: FlaskClient = app.test_client()
        self._log_in()
        self._remotes = root / "home/.config/rclone/rclone.conf"
        self._remotes_text = self._remotes.read_text()
        self._base = tuple(self.jobs().values())
        self.job = self.run = ""
        self._broken = core.folder.jobs_file.read_bytes() if core.jobs.snapshot().problems else b""

    def _log_in(self) -> None:
        """As the administrator anna; carl has an account too. What that leaves on the disk is kept for `settle`."""
        doors: Doors = self.app.extensions["doors"]
        anna, carl = ("anna", Role.ADMINISTRATOR), ("carl", Role.VIEWER)
        for name, role in (anna, carl):
            doors.accounts.create(name, role, PASSWORD)
        self._right = {"name": "carl", "token_id": doors.tokens.create("anna", "script", Role.VIEWER, 30)[1].id}
        typed = {"name": "anna", "password": PASSWORD, "csrf_token": self._token_of_page("/logs/")}
        assert self.client.post("/login", data=typed, headers={"Origin": "http://localhost"}).location == "/"
        self._right["login_id"] = doors.logins.of_account("anna")[0].id
        self.token = self._token_of_page("/logs/")
        folder = self.core.folder
        own = [folder.root / "accounts.json", folder.root / "logins.json", *folder.sessions.iterdir()]
        self._entry = {path: path.read_bytes() for path in own}
        cookie = self.client.get_cookie(COOKIE)
        assert cookie
        self._session = cookie.value

    def _token_of_page(self, page: str) -> str:
        found = TOKEN.search(self.client.get(page).text)
        assert found, page
        return found[1]

    def _come_in_again(self) -> None:
        self.client.set_cookie(COOKIE, self._session)
        for path, content in self._entry.items():
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)

    def jobs(self) -> dict[str, Job]:
        return {job.id: job.definition for job in self.core.jobs.snapshot().jobs.values()}

    @property
    def file_fault(self) -> str:
        """What is wrong with jobs.yaml now: it has a problem, or, where it had one at the beginning, it is another."""
        if self._broken:
            return "" if self.core.folder.jobs_file.read_bytes() == self._broken else "a broken file was written"
        return str(self.core.jobs.snapshot().problems or "")

    def settle(self) -> None:
        """The same things again for the next form, whatever the last one did."""
        present = self.jobs()
        for job_id in present:
            if self.core.manager.active_run(job_id):
                self.core.manager.cancel(job_id)
        for job_id in [job_id for job_id in present if job_id not in {job.id for job in self._base}][KEPT:]:
            self.core.manager.delete(job_id)
        for job in self._base:
            if job.id not in present and not self._broken:
                self.core.jobs.create(job)
        self._remotes.write_text(self._remotes_text)
        self._come_in_again()
        self.job = self.dice.choice(sorted(self.jobs()))
        runs = self.core.manager.runs(self.job, limit=9)
        self.run = self.dice.choice(runs).id if runs else "none"

    def filled(self, word: str) -> str:
        """With what the marks in it stand for; a path of its own leads to nowhere outside the world."""
        word = word.replace("{root}", str(self.root)).replace("{job}", self.job).replace("{run}", self.run)
        is_mine = word.startswith((f"{self.root}", *_OURS)) or not word.startswith("/")
        return word if is_mine else f"{self.root}{word}"

    def address(self, rule: str, entry: Entry) -> str:
        """The rule with what belongs in its parts, or what the entry has for them."""
        named = {"remotes": "nas", "settings": "key"}.get(rule.split("/")[1], "carl")
        right = self._right | {"job_id": self.job, "run_id": self.run, "name": named}
        parts = iter(entry.address)
        return _PART.sub(lambda mark: quote(self.filled(next(parts)) or right[mark[1]], safe="%"), rule)

    def send(self, method: str, address: str, entry: Entry) -> TestResponse:
        headers = {"Origin": "http://localhost"} | ({"HX-Request": "true"} if entry.is_htmx else {})
        pairs = [(name, self.filled(value)) for name, value in entry.pairs if name != "csrf_token"]
        pairs += [("csrf_token", self.token)] * entry.has_token
        if entry.file is None:
            return self.client.open(address, method=method, data=urlencoded(pairs), content_type=FORM, headers=headers)
        parts: dict[str, list[object]] = {"file": [FileStorage(io.BytesIO(entry.file), "jobs.yaml")]}
        for name, value in pairs:
            parts.setdefault(_sayable(name), []).append(_sayable(value))
        boundary, body = encode_multipart(parts)
        kind = f'multipart/form-data; boundary="{boundary}"'
        return self.client.open(address, method=method, data=body, content_type=kind, headers=headers)

    def ask(self, address: str, entry: Entry) -> TestResponse:
        pairs = [(name, self.filled(value)[:2000]) for name, value in entry.pairs]
        headers = {"HX-Request": "true"} if entry.is_htmx else {}
        return self.client.get(f"{address}?{urlencoded(pairs).decode('ascii')}", headers=headers)


def urlencoded(pairs: list[tuple[str, str]]) -> bytes:
    """As bytes of any kind: a lone surrogate goes out as what it is."""
    words = [[quote_from_bytes(word.encode("utf-8", "surrogatepass")) for word in pair] for pair in pairs]
    return "&".join("=".join(pair) for pair in words).encode()


def _sayable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@contextlib.contextmanager
def forms_world(root: Path, seed: int, is_broken: bool = False) -> Iterator[FormsWorld]:
    """`root`: an empty folder. `is_broken`: jobs.yaml has a bad job in it."""
    dice = random.Random(seed)
    lay_out(root, dice)
    fill(root, is_broken)
    with at_home(root), pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocalDispatcher, "submit", lambda *_: None)
        core = build_container(root / "data")
        app = create_app(core, read_environment({"BACKUP_MANAGER_DATA_DIR": str(root / "data")}))
        with contextlib.suppress(AppError):
            core.ssh_keys.create("key")
        yield FormsWorld(app, core, root, dice)
