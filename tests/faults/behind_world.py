"""gunicorn behind the nginx of deploy/, and people with accounts before it; judges nothing."""

import contextlib
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from json import dumps
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import requests
import socketio

from core.container import directly
from core.doors import Doors, build_doors
from flask_app.listen import AsyncMode
from flask_app.sessions import COOKIE
from models.role import Role
from storage.data_folder import DataFolder
from tests.deployed import CarelessSite, Site
from tests.e2e.furnished import Furnished, furnish
from tests.servers import DEADLINE, Server, serving

PASSWORD = "correct horse battery"
NAMES = {Role.VIEWER: "vera", Role.OPERATOR: "otto", Role.ADMINISTRATOR: "ada"}
BEHIND = {"BACKUP_MANAGER_TRUSTED_PROXIES": "1"}
_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


class Answer(NamedTuple):
    status: int
    location: str
    text: str


@dataclass
class Caller:
    """Somebody before a server; `role` is None for nobody. `headers` go with every request, and cookies are kept."""

    way: str
    role: Role | None
    origin: str
    certificate: Path | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._connection = self._connect()

    def __str__(self) -> str:
        return f"{self.role or 'nobody'} {self.way}"

    @property
    def has_token(self) -> bool:
        return self.headers.get("Authorization", "").startswith("Bearer ")

    def ask(self, method: str, path: str, typed: Mapping[str, str] | None = None, json: Any = None) -> Answer:
        """`typed` is sent as a form. Of a stream of events only the head is read."""
        body, headers = None, self._sent()
        if json is not None:
            body, headers["Content-Type"] = dumps(json), "application/json"
        elif typed is not None:
            body, headers["Content-Type"] = urlencode(typed), "application/x-www-form-urlencoded"
        try:
            return self._ask(method, path, body, headers)
        except (ConnectionError, HTTPException):  # what is kept open may be closed at any time
            self._connection.close()
            return self._ask(method, path, body, headers)

    def intend(self) -> None:
        """Send from now on what pages send with a change: where they come from, and the token of the session."""
        found = _TOKEN.search(self.ask("GET", "/login").text) or _TOKEN.search(self.ask("GET", "/account/").text)
        assert found
        self.headers |= {"Origin": self.origin, "X-CSRFToken": found[1]}

    @contextlib.contextmanager
    def live(self, transport: str) -> Iterator[socketio.Client]:
        """A live connection; `socketio.exceptions.ConnectionError` where it is refused."""
        headers = {name: value for name, value in self._sent().items() if name != "Origin"}  # it says that itself
        session = requests.Session()
        session.trust_env, session.verify = False, str(self.certificate) if self.certificate else True
        session.headers.update(headers)
        client = socketio.Client(reconnection=False, http_session=session)
        try:
            client.connect(self.origin, headers=headers, transports=[transport], wait_timeout=DEADLINE)
            yield client
        finally:
            connection = client.eio.ws
            client.disconnect()
            if connection:
                connection.shutdown()

    def close(self) -> None:
        self._connection.close()

    def _sent(self) -> dict[str, str]:
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return self.headers | ({"Cookie": kept} if kept else {})

    def _connect(self) -> HTTPConnection:
        parts = urlsplit(self.origin)
        assert parts.hostname
        if not self.certificate:
            return HTTPConnection(parts.hostname, parts.port, timeout=DEADLINE)
        context = ssl.create_default_context(cafile=str(self.certificate))
        return HTTPSConnection(parts.hostname, parts.port, timeout=DEADLINE, context=context)

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        if answer.headers.get_content_type() == "text/event-stream":
            self._connection.close()
            return Answer(answer.status, "", "")
        text = answer.read().decode(errors="replace")
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(answer.status, answer.headers.get("Location", ""), text)


@dataclass(frozen=True)
class World:
    """A server with things in it, both sites before it, and what each role comes in with."""

    server: Server
    site: Site
    careless: CarelessSite
    things: Furnished
    doors: Doors
    tokens: dict[Role, str]
    cookies: dict[Role, str]
    callers: list[Caller] = field(default_factory=list)

    def by_cookie(self, role: Role, directly: bool = False) -> Caller:
        cookies, headers = {COOKIE: self.cookies[role]}, {"Accept": "text/html,*/*"}
        return self._comes(_way("logged in", directly), role, *self._door(directly), headers, cookies)

    def by_token(self, role: Role, directly: bool = False) -> Caller:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        return self._comes(_way("with a token", directly), role, *self._door(directly), headers)

    def nobody(self, said: Mapping[str, str], directly: bool = False) -> Caller:
        """A stranger, who may say something of himself."""
        words = f"saying {', '.join(said)}" if said else "saying nothing"
        return self._comes(_way(words, directly), None, *self._door(directly), dict(said))

    def somebody_here(self) -> Caller:
        """Without an account, on the machine itself."""
        return self._comes(_way("without an account", True), Role.ADMINISTRATOR, *self._door(True))

    def careless_stranger(self) -> Caller:
        return self._comes("through a careless nginx", None, self.careless.address)

    def _door(self, directly: bool) -> tuple[str, Path | None]:
        return (self.server.address, None) if directly else (self.site.address, self.site.certificate)

    def _comes(self, *caller: Any) -> Caller:
        self.callers.append(Caller(*caller))
        return self.callers[-1]


def _way(words: str, directly: bool) -> str:
    return f"{words}, {'directly' if directly else 'through nginx'}"


@contextlib.contextmanager
def furnished_world(folder: Path, mode: AsyncMode, access: str = "auto") -> Iterator[World]:
    data, source = folder / "data", folder / "photos"
    source.mkdir(parents=True)
    things, doors = furnish(data, source), doors_of(data)
    tokens = employ(doors)
    with (
        serving(data, mode, BACKUP_MANAGER_AUTH=access, **BEHIND) as server,
        Site(folder / "nginx", server.port) as site,
        CarelessSite(folder / "careless", server.port) as careless,
    ):
        cookies = {role: log_in(site, name) for role, name in NAMES.items()} if access != "off" else {}
        world = World(server, site, careless, things, doors, tokens, cookies)
        yield world
        for caller in world.callers:
            caller.close()


def doors_of(data: Path) -> Doors:
    """Accounts and tokens as the command line changes them, beside a server that may be running."""
    folder = DataFolder(data)
    folder.prepare()
    return build_doors(folder, directly, lambda _code: None)


def employ(doors: Doors) -> dict[Role, str]:
    """Somebody of every role, with a password; their tokens."""
    tokens = {}
    for role, name in sorted(NAMES.items(), reverse=True):
        doors.accounts.create(name, role, PASSWORD)
        tokens[role], _ = doors.tokens.create(name, "a script", role, None)
    return tokens


def log_in(site: Site, name: str) -> str:
    """By the form, through nginx; the cookie."""
    with contextlib.closing(Caller("", None, site.address, site.certificate)) as caller:
        caller.intend()
        answer = caller.ask("POST", "/login", {"name": name, "password": PASSWORD})
        assert (answer.status, answer.location) == (303, "/"), answer.text
        return caller.cookies[COOKIE]
